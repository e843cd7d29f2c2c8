import FilePipeline
import FileTestSupport
import TestTurns
import Testing

/// Reducers and stages that have seen enough, or that throw.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct EarlyEndTests {
  struct Broken: Error, CustomStringConvertible {
    let description = "the seventh byte is wrong"
  }

  /// Outputs the first byte.
  struct First: ByteReducer {
    private var first: UInt8?
    var hasEnough: Bool { first != nil }
    mutating func update(_ bytes: RawSpan) { first = bytes.unsafeLoad(as: UInt8.self) }
    func finish() -> UInt8? { first }
  }

  struct Throwing: ByteReducer {
    let atEnd: Bool
    func update(_ bytes: RawSpan) throws { if !atEnd { throw Broken() } }
    func finish() throws { throw Broken() }
  }

  /// Passes on ten bytes, and then has enough.
  struct Head: ByteStage {
    private var left = 10
    var hasEnough: Bool { left == 0 }
    mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
      let taken = input.extracting(first: left)
      output.append(taken)
      left -= taken.byteCount
    }
    func finish(into output: inout ByteOutput) { output.append(33) }
  }

  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory(.disk)
    for name in ["a", "b", "c"] { try directory.write([UInt8](repeating: 65, count: 10 << 20), to: name) }
    try directory.write([], to: "empty")
  }

  private func files(_ engine: any FileEngine) -> FilePipeline {
    FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine))
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_has_enough_reads_no_further(_ kind: EngineUnderTest) async throws {
    for pageCache in [FileEngineConfiguration.PageCacheUse.use, .bypass] {
      try await withEngine(kind, .small(pageCache: pageCache)) { engine in
        let read = try await files(engine).reduce { First() }.forEach { _ in }.stages[1].bytes
        // At most one of twenty reads is ahead of each.
        #expect(read > 0 && read <= 3 << 20)
        let values = try await files(engine).reduce { First() }.collect().map { try $0.value }
        #expect(values == [65, 65, 65, nil])
      }
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func so_does_a_stage_and_its_end_arrives(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let results = try await files(engine).transform { Head() }.reduce { Collector() }.collect()
      let head = [UInt8](repeating: 65, count: 10) + [33]
      #expect(try results.map { try $0.value } == [head, head, head, [33]])
      #expect(results.allSatisfy { $0.byteCount <= 1 << 20 })
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases, [false, true])
  func what_a_reducer_throws_is_the_failure_of_its_file(_ kind: EngineUnderTest, _ atEnd: Bool) async throws {
    try await withEngine(kind) { engine in
      let results = try await files(engine).reduce { Throwing(atEnd: atEnd) }.collect()
      for (result, name) in zip(results, ["a", "b", "c"]) {
        let error = try #require(result.failure)
        #expect(error.operation == .process && error.offset == (atEnd ? 10 << 20 : 0))
        #expect(error.reason == "the seventh byte is wrong")
        #expect(error.path == directory.path(name))
        guard case .processing(let cause) = error.cause else { throw error }
        #expect(cause.underlying is Broken)
      }
    }
    #expect(directory.isLetGo())
  }
}
