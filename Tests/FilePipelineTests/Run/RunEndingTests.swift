import FileTestSupport
import Synchronization
import TestTurns
import Testing

@testable import FilePipeline

/// How a run ends before its last file, and how far it runs ahead.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct RunEndingTests {
  struct Enough: Error, Equatable {
    let number: Int
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_the_body_throws_ends_the_run_and_is_thrown(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    for number in 0..<750 { try directory.write([UInt8].noise(100), to: "\(number)") }
    try await withEngine(kind) { engine in
      let run = FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine)).reduce { Collector() }
      for limit in [0, 1, 700] {
        let seen = Counter()
        let failure = await #expect(throws: PipelineFailure.self) {
          try await run.forEach { _ in if seen.add() == limit { throw Enough(number: limit) } }
        }
        #expect(
          failure?.cause as? Enough == Enough(number: limit) && failure?.element.hasPrefix(directory.string) == true)
        #expect(seen.value == limit + 1)
        #expect(directory.isLetGo())
      }
      let count = try await run.collect().count
      #expect(count == 750)
    }
  }

  @Test(arguments: [false, true]) func a_scoped_engine_is_shut_down_if_it_was_made_for_that(fails: Bool) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1], to: "file")
    func engine(of source: EngineSource) async throws -> (any FileEngine)? {
      var used: (any FileEngine)?
      do {
        try await withFileEngine(source) { engine in
          used = engine
          _ = try await engine.contents(path)
          if fails { throw Enough(number: 1) }
        }
        #expect(!fails)
      } catch is Enough {
        #expect(fails)
      }
      return used
    }
    let made = try #require(try await engine(of: .threads))
    let error = try await failure { _ = try await made.contents(path) }
    #expect(error.cause == .engineShutDown)
    try await withEngine(.threads) { shared in
      _ = try await engine(of: .engine(shared))
      #expect(try await shared.contents(path) == [1])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_the_source_throws_ends_the_run_and_is_thrown(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let source = FileSource { { throw Enough(number: 7) } }
      let failure = await #expect(throws: PipelineFailure.self) {
        try await FilePipeline(source, engine: .engine(engine)).reduce { Collector() }.collect()
      }
      #expect(failure?.cause as? Enough == Enough(number: 7))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func cancelling_a_run_ends_it_with_a_cancellation_and_nothing_open(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    for number in 0..<400 { try directory.write([UInt8].noise(9000), to: "\(number)") }
    try await withEngine(kind) { engine in
      let run = FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine)).reduce { Collector() }
      let (begun, go) = (Gate(), Gate())
      let task = Task {
        try await run.forEach { _ in
          begun.open()
          await go.wait()
        }
      }
      await begun.wait()
      task.cancel()
      go.open()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(directory.isLetGo())
      let count = try await run.collect().count
      #expect(count == 400)
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func cancelling_a_run_ends_the_reading_of_a_long_file(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([UInt8].noise(50 * 4096), to: "file")
    try await withEngine(kind) { engine in
      // The reducer cancels at the first of 50 pieces.
      let task = Task {
        try await FilePipeline(.walk([path]), engine: .engine(engine)).reduce { SelfCancelling() }.collect()
      }
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(directory.isLetGo())
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func source_runs_no_further_ahead_of_a_slow_sink_than_the_window(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([], to: "file")
    let (total, batchSize) = (12_000, 100)
    // In addition to the window: the batch that enters it (a quarter of a window), results that have left it together
    // (at most a window), those in the sink's queue and in the sink (sixteen and four batches of 64), one batch between
    // the two, and the source's own.
    let margin = FilePipeline.window / 4 + FilePipeline.window + (16 + 4 + 1) * 64 + batchSize
    let (produced, consumed, furthest) = (Counter(), Counter(), Counter())
    let ahead = Gate()
    let source = FileSource {
      let entries = [WalkEntry](repeating: WalkEntry(.success(FileReference(path: path))), count: batchSize)
      return {
        if produced.value == total { return nil }
        produced.add(batchSize)
        let lead = produced.value - consumed.value
        if lead > furthest.value { furthest.add(lead - furthest.value) }
        if produced.value > FilePipeline.window { ahead.open() }
        return entries
      }
    }
    try await withEngine(kind) { engine in
      try await FilePipeline(source, engine: .engine(engine)).reduce { SelfCounting() }.forEach { _ in
        await ahead.wait()
        consumed.add()
      }
    }
    #expect(consumed.value == total)
    #expect(furthest.value > FilePipeline.window)
    #expect(furthest.value <= FilePipeline.window + margin)
  }

  /// Outputs may be large.
  @Test(arguments: EngineUnderTest.allCases)
  func few_outputs_with_references_wait_for_a_slow_sink(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([1], to: "file")
    let produced = Counter()
    let source = FileSource {
      let entries = [WalkEntry](repeating: WalkEntry(.success(FileReference(path: path))), count: 100)
      return { produced.add() < 120 ? entries : nil }
    }
    let outputs = Outputs()
    try await withEngine(kind) { engine in
      let isFirst = Atomic(true)
      try await FilePipeline(source, engine: .engine(engine)).reduce { Outputting(outputs: outputs) }.forEach { _ in
        if isFirst.exchange(false, ordering: .relaxed) { try await outputs.untilNoMoreCome() }
      }
      // In addition to the window: results in the sink's queue and in the sink.
      let window = ResultBounds(of: FileResult<Output>.self, Output.self).window(workers: engine.workers.count)
      #expect(outputs.most <= window + 3 * 32)
    }
    #expect(outputs.made == 12_000)
  }
}

/// Outputs a number.
private struct SelfCounting: ByteReducer {
  private var count = 0

  mutating func update(_ piece: RawSpan) { count += piece.byteCount }
  mutating func finish() -> Int { count }
}

/// Counts the outputs that exist.
private final class Outputs: Sendable {
  private let counts = Mutex((made: 0, now: 0, most: 0))

  var made: Int { counts.withLock { $0.made } }
  var most: Int { counts.withLock { $0.most } }

  func began() {
    counts.withLock { counts in
      counts.made += 1
      counts.now += 1
      counts.most = max(counts.most, counts.now)
    }
  }

  func ended() {
    counts.withLock { $0.now -= 1 }
  }

  /// Returns when none has been made for some time.
  func untilNoMoreCome() async throws {
    var (last, quiet) = (made, 0)
    while quiet < 50 {
      try await Task.sleep(for: .milliseconds(1))
      quiet = made == last ? quiet + 1 : 0
      last = made
    }
  }
}

private final class Output: Sendable {
  private let outputs: Outputs

  init(_ outputs: Outputs) {
    self.outputs = outputs
    outputs.began()
  }

  deinit {
    outputs.ended()
  }
}

private struct Outputting: ByteReducer {
  let outputs: Outputs

  mutating func update(_ piece: RawSpan) {}
  mutating func finish() -> Output { Output(outputs) }
}

/// Cancels the task that it runs in.
private struct SelfCancelling: ByteReducer {
  mutating func update(_ bytes: RawSpan) { withUnsafeCurrentTask { $0?.cancel() } }
  mutating func finish() {}
}
