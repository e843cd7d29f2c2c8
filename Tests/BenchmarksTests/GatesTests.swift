import FileEngines
import FileTestSupport
import Measurement
import TestTurns
import Testing

/// They count what the program does that is built here, which allocates more than an optimised one. So they bring their
/// own limits.
@Suite(.inTurn, .enabled(if: FileEngineKind.uringRefusal == nil || TestExpectation.isRequired, "there is no io_uring"))
struct GatesTests {
  private static let names = [
    "uring.enters", "uring.allocations", "uring.system-calls", "uring.context-switches", "threads.allocations",
    "threads.system-calls", "threads.context-switches", "blocking.system-calls", "copy.uring.enters",
    "copy.uring.allocations", "copy.uring.system-calls", "copy.uring.context-switches", "copy.threads.allocations",
    "copy.threads.system-calls",
  ]

  private static let noLimits = Dictionary(uniqueKeysWithValues: names.map { ($0, 1e9) })

  private func gates(_ tree: TemporaryDirectory, limits: [String: Double]) async throws -> BenchmarksProgram.Outcome {
    let program = [builtExecutable("Benchmarks"), "gates", tree.string, "--rounds", "1", "--json"]
    let outcome = try await ChildProcess(
      (program + limits.flatMap { ["--limit", "\($0.key)=\($0.value)"] }).map { Array($0.utf8) }
    ).outcome()
    return .init(
      status: outcome.status, output: String(decoding: outcome.output, as: UTF8.self),
      errors: String(decoding: outcome.errors, as: UTF8.self))
  }

  @Test func counts_within_their_limits_pass() async throws {
    let tree = try flatTree(files: 200)
    let outcome = try await gates(tree, limits: Self.noLimits)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let table = try #require(try outcome.report().tables.first)
    #expect(table.gates.map(\.name) == Self.names)
    #expect(table.rows.map(\.name) == ["uring", "threads", "blocking", "pread", "copy.uring", "copy.threads"])
  }

  @Test(arguments: ["uring.allocations", "threads.system-calls"])
  func a_count_above_its_limit_fails_and_is_named(name: String) async throws {
    let tree = try flatTree(files: 50)
    var limits = Self.noLimits
    limits[name] = 0.25
    let outcome = try await gates(tree, limits: limits)
    #expect(outcome.status == 1)
    let gate = try #require(try outcome.report().exceeded.first)
    #expect(gate.name == name)
    #expect(outcome.errors == "Benchmarks: \(gate.complaint).\n")
    #expect(outcome.errors.contains("\(name) is ") && outcome.errors.contains("may be 0.25 at most"))
  }

  /// What is known beforehand: a plain loop opens, reads, finds the end and closes.
  @Test func system_calls_of_a_plain_loop() async throws {
    let tree = try flatTree(files: 400)
    let outcome = try await gates(tree, limits: Self.noLimits)
    let pread = try #require(try outcome.report().tables.first?.rows.first { $0.name == "pread" })
    let calls = try #require(pread.values["system-calls"])
    // And a few for the two directories.
    #expect(calls >= 4 && calls < 4.1)
    #expect(pread.values["enters"] == nil)
  }

  @Test func a_limit_of_nothing_that_is_counted_is_refused() async throws {
    let outcome = try await BenchmarksProgram.run("gates", "--limit", "uring.seconds=1")
    #expect(outcome.status == 64)
  }

  @Test func without_io_uring_nothing_passes() async throws {
    let tree = try flatTree(files: 3)
    let outcome = try await BenchmarksProgram.run(
      "gates", tree.string, by: [builtExecutable("refuse-io-uring"), "EPERM"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("without io_uring"))
  }
}
