import Dispatch
import FileTestSupport
import Glibc
import LinuxSystem
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// In processes of their own, with a limit that is soon reached.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct DescriptorReserveTests {
  /// libdispatch needs one now and then, and traps if there is none. Descriptors with the highest numbers, as a process
  /// may inherit them, are none of the reserve.
  @Test(arguments: EngineUnderTest.allCases, [64, 256])
  func files_that_stay_open_leave_the_last_descriptors(_ kind: EngineUnderTest, _ limit: Int) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest, limit = limit as Int] in
      for inherited in limit - 3..<limit { dup2(STDIN_FILENO, Int32(inherited)) }
      try await lowerDescriptorLimit(to: limit)
      let directory = try TemporaryDirectory(.disk)
      let path = try directory.write([1], to: "file")
      try await withEngine(kind) { engine in
        var files: [Handover<OpenFile>] = []
        // Another thread may have one open for a moment, as the runtime opens files of /proc and /sys: one of those
        // that files could have, which is free later, or one of the last. On a busy machine that moment is long.
        while DescriptorLimit.free != DescriptorReserve.count {
          if DescriptorLimit.free < DescriptorReserve.count {
            await Task.yield()
            continue
          }
          let error = try await failure {
            while true { files.append(Handover(try await engine.open(FileReference(path: path)))) }
          }
          #expect(error == FileError(path: path, operation: .open, cause: .system(.tooManyOpenFiles)))
        }
        #expect(files.count > DescriptorLimit.soft / 3)
        for file in files { await engine.close(file.take()) }
        // There are some again.
        let bytes = try await engine.contents(path)
        #expect(bytes == [1])
      }
      #expect(directory.openDescriptors == 0)
    }
  }

  /// An open that waits for a daemon takes a descriptor at most, and no turn of others.
  @Test func opens_that_hang_hold_up_no_others() async throws {
    await #expect(processExitsWith: .success) {
      // All of them are near the last.
      try await lowerDescriptorLimit(to: 64)
      let hanging = (0..<2).map { _ in HangingOpen() }
      let opening = { negatedErrno { open("/dev/null", O_RDONLY | O_CLOEXEC) } }
      #expect(try hanging[0].begin())
      let opened = DescriptorReserve.withHeadroom(opening)
      #expect(opened >= 0)
      close(opened)
      // One for the open that hangs, and one for another.
      _ = Occupants(withHeadroom: 2)
      let other = DescriptorReserve.withHeadroom(opening)
      #expect(other >= 0)
      close(other)
      #expect(try hanging[1].begin())
      #expect(DescriptorReserve.withHeadroom { 0 } == -EMFILE)
      for open in hanging { open.end() }
      #expect(DescriptorReserve.withHeadroom(opening) >= 0)
    }
  }

  /// An open on a thread of its own, which hangs until it is told to end.
  private final class HangingOpen: Sendable {
    private let hangs = Atomic(false)
    private let (begun, told) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    private let ended = DispatchSemaphore(value: 0)

    /// Whether it hangs now; otherwise it was refused.
    func begin() throws -> Bool {
      try startThread(name: "hanging") { [self] in
        _ = DescriptorReserve.withHeadroom {
          hangs.store(true, ordering: .relaxed)
          begun.signal()
          told.wait()
          return -EIO
        }
        begun.signal()
        ended.signal()
      }
      begun.wait()
      return hangs.load(ordering: .relaxed)
    }

    func end() {
      told.signal()
      ended.wait()
    }
  }

  /// The openers of the engine of rings open by the batch, and must not keep what they have from being read and closed
  /// while they wait for a descriptor for the next.
  @Test func batches_are_opened_where_fewer_files_can_be_open() async throws {
    try await withEngine(.uring) { _ in }
    await #expect(processExitsWith: .success) {
      try await lowerDescriptorLimit(to: 64)
      let directory = try TemporaryDirectory(.disk)
      for number in 0..<200 { try directory.write([UInt8(number)], to: "\(number)") }
      try await withEngine(.uring) { engine in
        // Others take all there is, and give some back when every file has been asked for.
        var others = Occupants()
        let lanes = engine.lanes.map(\.executor)
        let reading = (0..<200).map { number in
          Task(executorPreference: lanes[number % lanes.count]) {
            try await engine.contents(directory.path("\(number)")) == [UInt8(number)]
          }
        }
        for lane in lanes { await Task(executorPreference: lane) {}.value }
        others.leave(EnginePlan.Facts.fewestDescriptors)
        for task in reading {
          let isWhole = try await task.value
          #expect(isWhole)
        }
      }
    }
  }
}
