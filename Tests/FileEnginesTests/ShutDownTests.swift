import FileEngines
import FileTestSupport
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ShutDownTests {
  private static func contents(_ directory: TemporaryDirectory) throws -> FileReference {
    FileReference(path: try directory.write([UInt8].noise(3 << 20), to: "source"))
  }

  @Test(arguments: EngineUnderTest.allCases)
  func nothing_is_begun_by_an_engine_that_was_shut_down(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let (source, target) = (try Self.contents(directory), directory.reference("target"))
    let calls: [(operation: FileError.Operation, call: @Sendable (any FileEngine) async throws -> Void)] = [
      (.open, { _ = try await $0.contents(source) }), (.open, { _ = try await $0.open(source) }),
      (.open, { _ = try await $0.openForWriting(target, .create, permissions: .ownerReadWrite) }),
      (.create, { _ = try await $0.makeTemporary(for: target, FileWriteOptions()) }),
      (.create, { try await $0.writeFile(at: target) { try await $0.write([1]) } }),
      (.create, { try await $0.writeFile(at: target, contents: [1]) }),
      (.copy, { try await $0.copyFile(from: source, to: target) }),
    ]
    try await withEngine(kind) { engine in
      await engine.shutDown()
      for (operation, call) in calls {
        for place in Place.allCases {
          let error = try await failure { try await place.run(engine) { try await call(engine) } }
          #expect(error.cause == .engineShutDown && error.operation == operation)
        }
      }
      #expect(directory.listing == ["source"] && directory.openDescriptors == 0)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_is_open_can_be_ended_after_the_engine(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let source = try Self.contents(directory)
    try await withEngine(kind) { engine in
      let file = try await engine.open(source)
      let options = FileWriteOptions()
      let kept = try await engine.makeTemporary(for: directory.reference("kept"), options)
      let discarded = try await engine.makeTemporary(for: directory.reference("discarded"), options)
      let written = try await engine.openForWriting(
        directory.reference("written"), .create, permissions: .ownerReadWrite)
      await engine.shutDown()
      let error = try await failure { _ = try await engine.read(file, into: IOBuffer(capacity: 4096), at: 0) }
      #expect(error.cause == .engineShutDown)
      await engine.close(file)
      try await engine.close(written)
      try await engine.publish(kept)
      await engine.discard(discarded)
      #expect(directory.listing == ["kept", "source", "written"] && directory.openDescriptors == 0)
    }
  }

  /// Whatever they are at.
  @Test(arguments: EngineUnderTest.allCases, FileEngineConfiguration.PageCacheUse.allCases)
  func tasks_end_with_their_engine(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse
  ) async throws {
    let directory = try TemporaryDirectory(.disk)
    let source = try Self.contents(directory)
    try await withEngine(kind, .small(pageCache: pageCache)) { engine in
      let begun = Counter()
      let allHaveBegun = Gate()
      let count = 24
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count {
          let lane = number % 2 == 0 ? engine.lanes[number / 2 % engine.lanes.count].executor : nil
          group.addTask(executorPreference: lane) {
            if begun.add() == count - 1 { allHaveBegun.open() }
            let target = directory.reference("\(number)")
            let error = try await failure {
              while true {
                switch number % 3 {
                case 0: try await FileReader(engine).readAll(source) { _ in }
                case 1: try await engine.copyFile(from: source, to: target)
                default: try await engine.writeFile(at: target) { try await $0.write(.noise(50_000)) }
                }
              }
            }
            #expect(error.cause == .engineShutDown)
          }
        }
        await allHaveBegun.wait()
        await engine.shutDown()
        try await group.waitForAll()
      }
      #expect(directory.listing.allSatisfy { !$0.hasPrefix(".") })
      #expect(directory.openDescriptors == 0)
    }
  }
}
