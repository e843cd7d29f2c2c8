import FileEngines
import FileTestSupport
import Glibc
import Measurement
import TestTurns
import Testing

@Suite(.inTurn) struct EngineTablesTests {
  /// The readers that work on this machine.
  private static let readers =
    (FileEngineKind.uringRefusal == nil ? ["uring"] : []) + ["threads", "blocking", "pread"]

  @Test func a_table_for_each_job_with_a_row_for_each_engine_and_rival() async throws {
    let tree = try flatTree(files: 20)
    let outcome = try await BenchmarksProgram.run(
      "engines", tree.string, "--caches", "warm", "--rounds", "2", "--json", "--rival", #"cat=cat "$@"/below/last"#)
    #expect(outcome.status == 0)
    let tables = try outcome.report().tables
    #expect(tables.map(\.name) == ["engines-read-warm", "engines-hash-warm"])
    #expect(tables.allSatisfy { $0.title.contains("20 files") && $0.rows.map(\.name) == Self.readers + ["cat"] })
    for row in tables.flatMap(\.rows) {
      let values = row.values
      let (least, median, most) = (values["least"] ?? 0, values["seconds"] ?? 0, values["most"] ?? 0)
      #expect(0 < least && least <= median && median <= most)
      #expect(values["speedup.\(row.name)"] ?? 1 == 1)
      #expect(["pread", "threads", "blocking"].allSatisfy { (values["speedup.\($0)"] ?? 0) > 0 })
      #expect(values["cpuSeconds"] != nil && values["contextSwitches"] != nil)
      #expect(values["peakMebibytes"] ?? 0 > 1)
      #expect((values["entersPerFile"] != nil) == (row.name == "uring"))
    }
  }

  @Test func text_is_a_table_under_its_title() async throws {
    let tree = try flatTree(files: 3)
    let outcome = try await BenchmarksProgram.run(
      "engines", tree.string, "--jobs", "read", "--caches", "warm", "--rounds", "1")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("\nread, 3 files, 0 MB, warm, 1 interleaved round\n\n"))
    #expect(outcome.output.contains("\npread "))
  }

  @Test func a_rival_that_fails_is_no_rival() async throws {
    let tree = try flatTree(files: 3)
    let outcome = try await BenchmarksProgram.run(
      "engines", tree.string, "--caches", "warm", "--rounds", "1", "--rival", "worst=exit 7")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("exit status 7"))
  }

  @Test func a_file_that_cannot_be_read_ends_it() async throws {
    let tree = try flatTree(files: 3)
    let outcome = try await BenchmarksProgram.run("engines", "\(tree.string)/missing", "--rounds", "1")
    #expect(outcome.status != 0)
    #expect(outcome.errors.contains("/missing"))
  }

  @Test(.enabled(if: geteuid() != 0, "root can empty the caches"))
  func who_cannot_empty_the_caches_is_told_and_gets_the_rest() async throws {
    let tree = try flatTree(files: 3)
    let outcome = try await BenchmarksProgram.run("engines", tree.string, "--jobs", "read", "--rounds", "1", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("nothing cold: only root can"))
    #expect(try outcome.report().tables.map(\.name) == ["engines-read-warm"])
  }
}
