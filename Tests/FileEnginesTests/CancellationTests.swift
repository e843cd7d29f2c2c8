import FileEngines
import FileTestSupport
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct CancellationTests {
  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func cancelled_task_stops_within_the_file(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([UInt8].noise(5 * 4096), to: "file")
    try await withEngine(kind) { engine in
      let pieces = Counter()
      let error = try await failure {
        try await place.run(engine) {
          _ = try await FileReader(engine).readAll(FileReference(path: path)) { _ in
            pieces.add()
            withUnsafeCurrentTask { $0?.cancel() }
          }
        }
      }
      #expect(error.isCancellation)
      #expect(error.path == path && error.operation == .read)
      // After the first piece, which an engine may make shorter than the buffer.
      #expect((1...4096).contains(error.offset ?? 0))
      #expect(pieces.value == 1)
      #expect(directory.openDescriptors == 0)
      // The engine is as good as before.
      #expect(try await place.run(engine) { try await engine.contents(path).count } == 5 * 4096)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func cancelling_many_tasks_leaves_nothing_open(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([UInt8].noise(100 * 4096), to: "file")
    try await withEngine(kind) { engine in
      let started = Gate()
      let tasks = (0..<50).map { number in
        Task(executorPreference: number % 2 == 0 ? engine.lanes[0].executor : nil) {
          while true { try await FileReader(engine).readAll(FileReference(path: path)) { _ in started.open() } }
        }
      }
      await started.wait()
      for task in tasks { task.cancel() }
      for task in tasks {
        let error = try await failure { try await task.value }
        #expect(error.isCancellation)
      }
      #expect(directory.openDescriptors == 0)
    }
  }

  /// Where everything is cached nothing suspends, and a task that never suspends keeps its lane to itself.
  @Test(arguments: EngineUnderTest.allCases)
  func long_cached_file_lets_the_other_tasks_of_its_lane_have_a_turn(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let count = 500
    let path = try directory.write([UInt8].noise(count * 4096), to: "file")
    try await withEngine(kind, FileEngineConfiguration(loops: 1, depth: 1, bufferSize: 4096)) { engine in
      let lane = engine.lanes[0].executor
      let pieces = Counter()
      let seen = Gate()
      // The first on the lane, and there again as soon as the first piece has come and the lane is free.
      let other = Task(executorPreference: lane) {
        await seen.wait()
        return pieces.value
      }
      let reading = Task(executorPreference: lane) {
        try await FileReader(engine).readAll(FileReference(path: path)) { _ in
          pieces.add()
          seen.open()
        }
      }
      let piecesSeen = await other.value
      _ = try await reading.value
      // The simulated engine reads less at a time.
      #expect(pieces.value >= count)
      #expect(piecesSeen < count)
    }
  }
}
