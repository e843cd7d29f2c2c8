import Testing

@testable import AsyncPipeline

@Suite struct TextTableTests {
  @Test func columns_are_aligned() {
    var table = TextTable(columns: [.init("engine"), .init("median", .right), .init("ratio", .right), .init("note")])
    table.addRow(["uring", "0.380 s", "1.00 ×", ""])
    table.addRow(["blocking", "12.380 s", "32.6 ×", "one at a time"])
    #expect(
      table.rendered() == """
        engine      median   ratio  note
        --------  --------  ------  -------------
        uring      0.380 s  1.00 ×
        blocking  12.380 s  32.6 ×  one at a time

        """)
  }

  @Test func table_without_rows_has_its_header() {
    #expect(TextTable(columns: [.init("a", .right), .init("bc")]).rendered() == "a  bc\n-  --\n")
  }

  @Test func width_is_the_number_of_scalars() {
    var table = TextTable(columns: [.init("x", .right), .init("y", .right)])
    table.addRow(["é", "日本"])
    table.addRow(["e\u{301}", "1"])
    #expect(table.rendered() == " x   y\n--  --\n é  日本\ne\u{301}   1\n")
  }
}
