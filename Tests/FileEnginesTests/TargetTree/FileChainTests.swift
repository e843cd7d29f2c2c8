import FileTestSupport
import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// What the results of a chain mean.
@Suite struct FileChainTests {
  private static let file = FileDescriptor(rawValue: 7)

  private static func written(_ count: Int = 100) -> FileChain {
    var chain = FileChain()
    chain.write(file, from: IOBuffer(capacity: 4096), count: count)
    chain.link(file, to: "name", at: file, byDescriptor: true)
    return chain
  }

  @Test func first_failure_is_the_one_that_counts() {
    let cases: [([Int32], FileChain.Ending)] = [
      ([100, 0], .complete),
      ([-ENOSPC, -ECANCELED], .failed(.write, .noSpace)),
      ([-EDQUOT, -ECANCELED], .failed(.write, .diskQuotaExceeded)),
      ([-EINTR, -ECANCELED], .failed(.write, .interrupted)),
      ([-ECANCELED, -ECANCELED], .failed(.write, .canceled)),
      ([0, -ECANCELED], .short(count: 0)),
      ([99, -ECANCELED], .short(count: 99)),
      ([100, -EEXIST], .failed(.link, .fileExists)),
      ([100, -ECANCELED], .failed(.link, .canceled)),
    ]
    for (results, ending) in cases { #expect(Self.written().ending(results) == ending, "\(results)") }
    var replacing = FileChain()
    replacing.link(Self.file, to: "hidden", at: Self.file, byDescriptor: false)
    replacing.rename("hidden", to: "name", at: Self.file)
    #expect(replacing.ending([0, 0]) == .complete)
    #expect(replacing.ending([0, -EISDIR]) == .failed(.rename, .isDirectory))
    // The kernel goes on behind a link that has failed.
    #expect(replacing.ending([-ENOSPC, -ENOENT]) == .failed(.link, .noSpace))
    var synchronized = FileChain()
    synchronized.write(Self.file, from: IOBuffer(capacity: 4096), count: 9)
    synchronized.synchronize(Self.file)
    #expect(synchronized.ending([9, -EIO]) == .failed(.sync, .ioError))
    #expect(synchronized.steps.count <= FileChain.mostOperations)
  }

  @Test func empty_file_is_not_written() {
    #expect(Self.written(0).steps == [.link] && Self.written(0).ending([0]) == .complete)
    #expect(Self.written().steps == [.write, .link])
  }
}

/// What chains come to on real files.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ChainFaultTests {
  /// The limit on the size of files makes the write a short one, and what calls continue fail: in a process of its own.
  @Test func short_write_is_continued_and_its_failure_is_the_calls() async throws {
    try await withEngine(.uring) { _ in }
    await #expect(processExitsWith: .success) {
      signal(SIGXFSZ, SIG_IGN)
      let directory = try TemporaryDirectory(.disk)
      try directory.write([1, 2, 3], to: "file")
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      limit.rlim_cur = 10_000
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let now = TreeCase(kind: .uring, way: .ring, place: .onLane)
      try await now.run(in: directory) { engine, tree in
        let error = try await failure { try await engine.write("file", in: tree.root, .noise(20_000)) }
        let expected = FileError(
          path: directory.path("file"), operation: .write, offset: 10_000, cause: .system(.fileTooLarge))
        #expect(error == expected)
        let offset = try await failure { try await engine.write("new", in: tree.root, .noise(20_000)) }
        #expect(offset.offset == 10_000)
        try await engine.write("fits", in: tree.root, .noise(10_000))
      }
      #expect(directory.listing == ["file", "fits"] && directory.openDescriptors == 0)
      #expect(try directory.bytes("file") == [1, 2, 3])
    }
  }

  /// Without a call of the loop's thread for any file, and without a helper's.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func new_file_takes_the_ring_alone(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest] in
      let directory = try TemporaryDirectory(.disk)
      let now = TreeCase(kind: kind, way: .ring, place: .onLane)
      try await withEngine(kind, now.configuration) { engine in
        let tree = try await engine.openTarget(FileReference(path: directory.path), creating: nil)
        let calls = engine.statistics.helperCalls
        try await Task(executorPreference: engine.lanes[0].executor) {
          #expect(forbidFileCalls())
          for number in 0..<100 {
            let options = FileWriteOptions(durability: number % 2 == 0 ? .none : .file)
            try await engine.write("\(number)", in: tree.root, .noise(100 * number), options)
          }
        }.value
        #expect(engine.statistics.helperCalls == calls)
        now.expectFiles(100, of: engine)
        #expect(directory.listing.count == 100)
        // The loop would close its ring by a call that is forbidden.
        _exit(EXIT_SUCCESS)
      }
    }
  }

  /// What older kernels want, and what those before them lack.
  @Test func kernel_that_links_by_path_only_or_not_at_all_is_content() async throws {
    let directory = try TemporaryDirectory(.disk)
    let now = TreeCase(kind: .uring, way: .ring, place: .onLane)
    try await now.run(in: directory) { engine, tree in
      let chains = try #require(engine as? UringEngine).chains
      chains.linksByDescriptor.store(false, ordering: .relaxed)
      for round in UInt8(1)...2 { try await engine.write("file", in: tree.root, [round]) }
      now.expectFiles(2, of: engine)
      chains.isRefused.store(true, ordering: .relaxed)
      try await engine.write("file", in: tree.root, [3])
      now.expectFiles(2, of: engine, finishedByCalls: 1)
    }
    #expect(try directory.listing == ["file"] && directory.bytes("file") == [3])
    #expect(directory.openDescriptors == 0)
  }

  @Test func more_files_are_written_at_once_than_there_are_descriptors() async throws {
    try await withEngine(.uring) { _ in }
    await #expect(processExitsWith: .success) {
      try await lowerDescriptorLimit(to: 128)
      let directory = try TemporaryDirectory(.disk)
      let contents = [UInt8].noise(20_000)
      let now = TreeCase(kind: .uring, way: .ring, place: .onLane)
      try await now.run(in: directory) { engine, tree in
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<300 {
            let lane = engine.lanes[number % engine.lanes.count].executor
            group.addTask(executorPreference: lane) { try await engine.write("\(number)", in: tree.root, contents) }
          }
          try await group.waitForAll()
        }
        let statistics = engine.statistics
        #expect(statistics.filesWrittenByChain + statistics.filesWrittenByCalls == 300)
      }
      let areWhole = try (0..<300).allSatisfy { try directory.contains("\($0)", contents) }
      #expect(areWhole && directory.listing.count == 300)
      #expect(directory.openDescriptors == 0)
    }
  }
}
