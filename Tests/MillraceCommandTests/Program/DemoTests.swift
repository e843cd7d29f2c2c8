import TestTurns
import Testing

@Suite(.inTurn) struct DemoTests {
  /// The number in `[TOTAL …] took N seconds`.
  private func total(_ name: String, _ lines: [String]) throws -> Double {
    let line = try #require(lines.first { $0.hasPrefix("[TOTAL \(name)] took ") })
    #expect(line.hasSuffix(" seconds"))
    let figure = line.split(separator: " ")[3]
    #expect(figure.split(separator: ".").last?.count == 4)
    return try #require(Double(figure))
  }

  @Test(.needsRing) func waits_one_after_another_and_together() async throws {
    let outcome = try await Millrace.run("demo", "--seconds", "0.1")
    let lines = outcome.outputLines.map { String(decoding: $0, as: UTF8.self) }

    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(lines.count == 14)
    #expect(
      lines.prefix(6) == [
        "[SYNC] task 1 starts", "[SYNC] task 1 is done", "[SYNC] task 2 starts", "[SYNC] task 2 is done",
        "[SYNC] task 3 starts", "[SYNC] task 3 is done",
      ])
    #expect(Set(lines[7..<10]) == Set((1...3).map { "[ASYNC] task \($0) starts" }))
    #expect(Set(lines[10..<13]) == Set((1...3).map { "[ASYNC] task \($0) is done" }))
    let (sync, async) = (try total("SYNC", lines), try total("ASYNC", lines))
    #expect(sync >= 0.3)
    #expect(async >= 0.1)
    #expect(async < sync)
  }

  /// Each takes two entries of the completion queue, of 16 bytes each.
  @Test(.needsRing, .needsLockedMemory(128 * 1024)) func thousands_of_tasks_wait_together() async throws {
    let outcome = try await Millrace.run("demo", "--seconds", "0.001", "--tasks", "2000")
    let lines = outcome.outputLines.map { String(decoding: $0, as: UTF8.self) }
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(lines.count { $0.hasPrefix("[ASYNC]") && $0.hasSuffix(" is done") } == 2000)
    #expect(try total("SYNC", lines) >= 2)
    #expect(try total("ASYNC", lines) >= 0.001)
  }

  @Test(.needsRing, arguments: ["0", "1e-300"])
  func waits_of_no_time(seconds: String) async throws {
    let outcome = try await Millrace.run("demo", "--seconds", seconds, "--tasks", "100")
    #expect(outcome.status == 0)
    #expect(outcome.outputLines.count == 402)
  }
}
