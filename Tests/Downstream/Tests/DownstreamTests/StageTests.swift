import AsyncPipeline
import Testing

/// Stages of another package do all that the pipeline's own can.
struct StageTests {
  private static let text = "The wheel\nturns\nturns\n\nturns\nand the Mühle grinds\nto the end"
  private static let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)

  private static func pieces(of size: Int) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
  }

  @Test(arguments: 1...70)
  func lines_do_not_depend_on_the_pieces(size: Int) async throws {
    let lines = Log()
    let report = try await Pipeline(Self.pieces(of: size)).through(Lines()).forEach { await lines.append($0) }
    #expect(await lines.lines == Self.lines)
    let stage = report.stages[1]
    #expect(stage.name == "Lines")
    #expect(stage.metrics == ["bytes": Self.text.utf8.count, "lines": 7])
    #expect(stage.output == 7)
    #expect(stage.input + stage.expanded == stage.output + stage.combined)
  }

  @Test(arguments: [1, 2, 13, 70])
  func two_stages_are_one(size: Int) async throws {
    let pieces = Pipeline(Self.pieces(of: size))
    let expected = Self.lines[..<2] + Self.lines[3...]
    #expect(try await pieces.through(Lines()).through(Unrepeated()).collect() == Array(expected))
    let run = pieces.through(Lines().then(Unrepeated())).start(.collect)
    #expect(try await run.value == Array(expected))
    let stage = run.report.stages[1]
    #expect(stage.name == "Lines + Unrepeated")
    #expect(stage.metrics == ["bytes": Self.text.utf8.count, "lines": 7, "repeated": 1])
    #expect(stage.filtered == 1)
    #expect(stage.input + stage.expanded == stage.output + stage.combined + stage.filtered)
  }

  @Test func failure_of_a_stage_is_as_the_policy_says() async throws {
    let pieces = Pipeline([Array("a\n".utf8), [0xFF, 0x0A], Array("b".utf8)])
    let failure = await #expect(throws: PipelineFailure.self) { try await pieces.through(Lines()).collect() }
    #expect(failure?.stage == "Lines")
    #expect(failure?.cause is Lines.NotText)
    #expect(try await pieces.through(Lines()).onFailure(.skip).collect() == ["a", "b"])
  }

  @Test func fed_run_is_watched_and_drained() async throws {
    let feed = Channel<[UInt8]>(capacity: 4)
    let run = Pipeline(feed: feed).through(Lines().then(Unrepeated())).start(.count)
    for piece in Self.pieces(of: 3) { #expect(await feed.send(piece) == .sent) }
    run.drain()
    var last: PipelineReport?
    for await report in run.progress(every: .milliseconds(1)) { last = report }
    #expect(try await run.value == 6)
    #expect(last == run.report)
    #expect(await feed.send([0]) == .finished([0]))
  }
}

private actor Log {
  private(set) var lines: [String] = []

  func append(_ line: String) {
    lines.append(line)
  }
}
