import FileEngines
import FileTestSupport
import TestTurns
import Testing

/// Where nothing makes a task wait, or its thread makes the calls itself, it would keep its lane to itself.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct TurnTests {
  enum Work: String, Sendable, CaseIterable, Codable {
    case reading, writing, writingWhole, writingLong, copying

    var count: Int { self == .reading || self == .writingLong ? 1000 : 20 }
  }

  @Test(arguments: EngineUnderTest.allCases, Work.allCases)
  func task_lets_the_others_on_its_lane_have_a_turn(_ kind: EngineUnderTest, _ work: Work) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1], to: "source")
    try await withEngine(kind, FileEngineConfiguration(loops: 1, depth: 2, bufferSize: 4096)) { engine in
      let lane = engine.lanes[0].executor
      let done = Counter()
      let hasBegun = Gate()
      // The first on the lane, and there again as soon as the work has begun and the lane is free.
      let other = Task(executorPreference: lane) {
        await hasBegun.wait()
        return done.value
      }
      let working = Task(executorPreference: lane) {
        try await work.perform(on: engine, in: directory) {
          done.add()
          hasBegun.open()
        }
      }
      let doneBefore = await other.value
      try await working.value
      #expect(done.value == work.count)
      #expect(doneBefore < work.count)
    }
  }
}

extension TurnTests.Work {
  fileprivate func perform(
    on engine: any FileEngine, in directory: TemporaryDirectory, _ step: () -> Void
  ) async throws {
    let (source, target) = (directory.reference("source"), directory.reference("target"))
    let reader = FileReader(engine)
    let buffer = [UInt8](repeating: 1, count: 4096)
    if self == .writingLong {
      return try await engine.writeFile(at: target) { writer in
        for _ in 0..<count {
          try await writer.write(buffer)
          step()
        }
      }
    }
    for _ in 0..<count {
      switch self {
      case .reading: try await reader.readAll(source) { _ in }
      case .copying: try await engine.copyFile(from: source, to: target)
      case .writingWhole: try await engine.writeFile(at: target, contents: buffer)
      default: try await engine.writeFile(at: target) { try await $0.write(buffer) }
      }
      step()
    }
  }
}
