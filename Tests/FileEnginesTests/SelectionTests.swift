import FileTestSupport
import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

@Suite(.inTurn)
struct SelectionTests {
  @Test(arguments: FileEngineKind.allCases)
  func choosing_an_engine_by_name_makes_it(_ kind: FileEngineKind) async throws {
    try await withEngine(EngineUnderTest(kind)) { _ in }
    let choice = try #require(FileEngineChoice(rawValue: kind.rawValue))
    let (engine, fallback) = try choice.makeEngine(.small)
    #expect(engine.kind == kind && engine.configuration == .small && fallback == nil)
    #expect(!engine.lanes.isEmpty && engine.lanes.allSatisfy { $0.width > 0 })
    await engine.shutDown()
  }

  @Test func auto_takes_the_ring_where_there_is_one_and_says_why_not() async throws {
    let (engine, fallback) = try FileEngineChoice.auto.makeEngine(.small)
    if let refusal = FileEngineKind.uringRefusal {
      #expect(engine.kind == .threads && fallback?.description == refusal.sentence)
    } else {
      #expect(engine.kind == .uring && fallback == nil)
    }
    await engine.shutDown()
  }

  /// In a process of its own, with descriptors enough for threads and not for two rings: there are three to spare,
  /// since what is open for a moment while they are counted is free afterwards.
  @Test func auto_falls_back_to_threads_with_the_reason() async throws {
    await #expect(processExitsWith: .success) {
      try await leaveDescriptors(DescriptorReserve.count + EnginePlan.Facts.fewestDescriptors + 1)
      // At the end of a process LeakSanitizer opens files of its own.
      defer { try? setDescriptorLimit(to: 256) }
      let (engine, fallback) = try FileEngineChoice.auto.makeEngine(.small)
      #expect(engine.kind == .threads)
      #expect(fallback?.kind == .uring)
      #expect(fallback?.description.isEmpty == false)
      let error = try #require(throws: FileEngineUnavailable.self) { try FileEngineChoice.uring.makeEngine(.small) }
      #expect(error == fallback)
      await engine.shutDown()
    }
  }

  /// In a process of its own, with no descriptors but those that are left to others, and a few of these taken.
  @Test(arguments: FileEngineKind.allCases)
  func no_engine_can_be_had_without_descriptors(_ kind: FileEngineKind) async throws {
    await #expect(processExitsWith: .success) { [kind = kind as FileEngineKind] in
      try await leaveDescriptors(DescriptorReserve.count + EnginePlan.Facts.fewestDescriptors - 3)
      let error = try #require(throws: FileEngineUnavailable.self) { try kind.makeEngine(.small) }
      #expect(error.kind == kind && error.errno == .tooManyOpenFiles)
      #expect(error.description.contains("ulimit -n"))
    }
  }

  /// In a process of its own and without privileges, since root's rings are not counted; as a user who has no other
  /// processes if it can, since those of all of them are counted together.
  @Test func auto_falls_back_to_threads_where_rings_fill_the_locked_memory() async throws {
    await #expect(processExitsWith: .success) {
      try lowerLockedMemoryLimit(to: 64 * 1024)
      if getuid() == 0 && setuid(200_000 + uid_t(getpid())) != 0 { #expect(setuid(65534) == 0) }
      var rings: [RingLoop] = []
      // The user's other processes, if there are any, may give back in between what is full: then it is filled again.
      for attempt in 1...100 {
        while rings.count < 16, let ring = try? RingLoop(Ring.Configuration(submissions: 4, operations: 4)) {
          rings.append(ring)
        }
        let (engine, fallback) = try FileEngineChoice.auto.makeEngine(.small)
        await engine.shutDown()
        if engine.kind == .uring && rings.count < 16 && attempt < 100 { continue }
        switch rings.count {
        // Refused for another reason.
        case 0: #expect(engine.kind == .threads && fallback != nil)
        // Kernels differ in what they count, and other processes in what they give back.
        case 16: #expect((engine.kind == .uring) == (fallback == nil))
        default:
          #expect(engine.kind == .threads)
          #expect(fallback?.errno == .noMemory && fallback?.description == RingRefusal(.noMemory, of: .setUp).sentence)
        }
        break
      }
      for ring in rings { await ring.shutDown() }
    }
  }

  @Test func every_refusal_names_the_call_and_a_remedy() {
    let remedies: [(refusal: RingRefusal, words: [String])] = [
      (RingRefusal(.noMemory, of: .setUp), ["io_uring_setup", "ulimit -l"]),
      (RingRefusal(.tooManyOpenFiles, of: .wakeUp), ["ulimit -n"]),
      (RingRefusal(.resourceTemporarilyUnavailable, of: .thread), ["thread", "ulimit -u"]),
      (RingRefusal(.notPermitted, of: .enter), ["denies io_uring_enter", "seccomp"]),
      (RingRefusal(.noFunction, of: .enter), ["denies io_uring_enter", "seccomp"]),
      (RingRefusal(.permissionDenied, of: .register), ["denies io_uring_register", "seccomp"]),
      (RingRefusal(.permissionDenied, of: .read), ["denies IORING_OP_READ"]),
      (RingRefusal(.noMemory, of: .enter), ["io_uring_enter failed", "\(Errno.noMemory)"]),
      (RingRefusal(.invalidArgument, of: .read), ["IORING_OP_READ failed", "\(Errno.invalidArgument)"]),
      (RingRefusal(.invalidArgument, of: .setUp), ["io_uring_setup failed", "\(Errno.invalidArgument)"]),
    ]
    for (refusal, words) in remedies {
      for word in words { #expect(refusal.sentence.contains(word)) }
      #expect(refusal.sentence.hasSuffix("."))
    }
    #expect(Set(remedies.map(\.refusal.sentence)).count == remedies.count)
  }

  @Test func reasons_follow_from_the_errno_and_the_call() {
    #expect([.noSystemCall, .builtWithout].contains(RingRefusal(.noFunction, of: .setUp).reason))
    let disabled = RingRefusal.disabledSetting.flatMap { $0 > 0 ? RingRefusal.Reason.disabled($0) : nil }
    #expect(RingRefusal(.notPermitted, of: .setUp).reason == disabled ?? .denied)
    #expect(RingRefusal(.permissionDenied, of: .setUp).reason == disabled ?? .denied)
    // What the setting says is about set-up; and a kernel that sets a ring up has the other calls.
    for call in [RingRefusal.Call.enter, .register] {
      for errno in [Errno.notPermitted, .permissionDenied, .noFunction] {
        #expect(RingRefusal(errno, of: call).reason == .denied)
      }
    }
    for call in RingRefusal.Call.allCases where call != .thread {
      // What is counted against a limit is what set-up and registration take.
      #expect(RingRefusal(.noMemory, of: call).reason == ([.setUp, .register].contains(call) ? .noMemory : .other))
      #expect(RingRefusal(.tooManyOpenFiles, of: call).reason == .noDescriptors)
      #expect(RingRefusal(.invalidArgument, of: call).reason == .other)
    }
    #expect(RingRefusal(.noMemory, of: .thread).reason == .noThread)
  }
}

/// Sets the limit of the process, which must be one of its own, so that so many descriptors can be opened.
private func leaveDescriptors(_ count: Int) async throws {
  try await settleDescriptors()
  // The lowest free number: all below it are taken, and a few above it may be.
  let next = dup(0)
  close(next)
  let isOpen = { fcntl($0, F_GETFD) >= 0 }
  let limit = try #require((next..<next + 1000).first { limit in (next..<limit).count { !isOpen($0) } == count })
  try setDescriptorLimit(to: Int(limit))
}
