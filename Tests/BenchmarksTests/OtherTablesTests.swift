import FileTestSupport
import TestTurns
import Testing

@Suite(.inTurn) struct OtherTablesTests {
  @Test func a_walk() async throws {
    let tree = try flatTree(files: 50)
    let outcome = try await BenchmarksProgram.run("walk", tree.string, "--rounds", "1", "--json")
    #expect(outcome.status == 0)
    let table = try #require(try outcome.report().tables.first)
    #expect(table.name == "walk")
    #expect(table.title.contains("50 files"))
    #expect(table.rows.count == 3)
    #expect(table.rows.allSatisfy { $0.values["microseconds"] ?? 0 > 0 })
  }

  @Test func digests() async throws {
    let outcome = try await BenchmarksProgram.run("digest", "--rounds", "1", "--json")
    #expect(outcome.status == 0)
    let table = try #require(try outcome.report().tables.first)
    #expect(table.rows.map(\.name).contains("sha256"))
    #expect(table.rows.allSatisfy { $0.values["megabytesPerSecond"] ?? 0 > 0 })
  }

  @Test func stages_allocate_for_no_piece() async throws {
    let outcome = try await BenchmarksProgram.run("stages", "--rounds", "1", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let table = try #require(try outcome.report().tables.first)
    #expect(table.rows.map(\.name).contains("FirstMatch"))
    #expect(table.rows.allSatisfy { $0.values["megabytesPerSecond"] ?? 0 > 0 })
    #expect(table.gates.map(\.name) == table.rows.map { "stages.allocations: \($0.name)" })
  }

  @Test func pipelines() async throws {
    let outcome = try await BenchmarksProgram.run("pipeline", "--elements", "500", "--rounds", "1", "--json")
    #expect(outcome.status == 0)
    let table = try #require(try outcome.report().tables.first)
    #expect(table.rows.map(\.name).contains("ten maps"))
    #expect(table.rows.allSatisfy { $0.values["nanoseconds"] ?? 0 > 0 })
  }
}
