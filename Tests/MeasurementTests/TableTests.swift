import Foundation
import Measurement
import Testing

@Suite struct TableTests {
  private static let table = MeasuredTable(
    "walk", title: "A walk", columns: [.init("time", "µs", places: 1), .init("ratio", "× plain", places: 2)],
    rows: [.init("plain", ["time": 1.25, "ratio": 1]), .init("sorted", ["time": 10, "ratio": nil])],
    notes: ["Medians of 3."], gates: [Gate("walk.calls", count: 3, limit: 2)])

  @Test func text_has_a_row_for_each_and_a_dash_for_what_is_missing() {
    #expect(
      Self.table.rendered() == """
        A walk

                  µs  × plain
        ------  ----  -------
        plain    1.3     1.00
        sorted  10.0        –
        Medians of 3.

        """)
  }

  @Test func json_holds_all_of_it() throws {
    let report = MeasuredReport(machine: .present, tables: [Self.table])
    let data = try JSONEncoder().encode(report)
    #expect(try JSONDecoder().decode(MeasuredReport.self, from: data) == report)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let tables = try #require(object["tables"] as? [[String: Any]])
    let rows = try #require(tables[0]["rows"] as? [[String: Any]])
    #expect(rows[0]["values"] as? [String: Double] == ["time": 1.25, "ratio": 1])
    #expect(rows[1]["values"] as? [String: Double] == ["time": 10])
  }

  @Test func what_is_not_finite_is_left_out() {
    #expect(MeasuredTable.Row("a", ["x": .nan, "y": .infinity, "z": 0]).values == ["z": 0])
  }

  @Test(
    arguments: [(0, 0, false), (1, 2, false), (2, 2, false), (2.0001, 2, true), (.nan, 2, true), (.infinity, 2, true)]
      as [(Double, Double, Bool)])
  func gates_hold_up_to_their_limit(count: Double, limit: Double, isExceeded: Bool) {
    #expect(Gate("a", count: count, limit: limit).isExceeded == isExceeded)
  }

  @Test func a_report_names_the_gates_that_are_exceeded_with_count_and_limit() {
    let fine = MeasuredTable("a", title: "", columns: [], gates: [Gate("a", count: 1, limit: 1)])
    let report = MeasuredReport(machine: .present, tables: [fine, Self.table])
    #expect(report.exceeded.map(\.complaint) == ["walk.calls is 3, and may be 2 at most"])
    #expect(Gate("x", count: 0.12345, limit: 0.1).complaint == "x is 0.1235, and may be 0.1 at most")
  }

  @Test func the_machine_is_known() {
    let machine = Machine.present
    #expect(machine.processors > 0)
    #expect(machine.memory > 1 << 20)
    #expect(!machine.kernel.isEmpty)
    #expect(machine.description.hasSuffix("Linux \(machine.kernel)"))
  }
}

@Suite struct ResourceUsageTests {
  @Test func what_was_used_meanwhile() {
    let before = ResourceUsage.now
    var sum = 0
    while (ResourceUsage.now - before).cpuSeconds < 0.01 { sum &+= 1 }
    let used = ResourceUsage.now - before
    #expect(sum > 0)
    #expect(used.cpuSeconds >= 0.01)
    #expect(used.contextSwitches >= used.voluntarySwitches)
  }
}
