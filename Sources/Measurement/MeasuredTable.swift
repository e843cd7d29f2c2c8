import AsyncPipeline

/// Figures in rows and columns, for people and for programs.
package struct MeasuredTable: Codable, Hashable, Sendable {
  package struct Column: Codable, Hashable, Sendable {
    /// What the rows' values are filed under.
    package let key: String
    /// The column's heading in the text, the unit included.
    package let title: String
    /// Digits after the point, in the text.
    package let places: Int

    package init(_ key: String, _ title: String, places: Int) {
      (self.key, self.title, self.places) = (key, title, places)
    }
  }

  package struct Row: Codable, Hashable, Sendable {
    package let name: String
    /// By column. One that is missing was not measured, or has no meaning for this row.
    package let values: [String: Double]

    package init(_ name: String, _ values: [String: Double?]) {
      self.name = name
      // JSON has no name for infinities and what is no number.
      self.values = values.compactMapValues { $0 }.filter { $0.value.isFinite }
    }
  }

  /// A word, such as `walk`.
  package let name: String
  /// What is measured, and of what.
  package let title: String
  package let columns: [Column]
  package var rows: [Row]
  /// What a reader must know to read the figures right.
  package var notes: [String]
  /// Those of the counts that are limited.
  package var gates: [Gate]

  package init(
    _ name: String, title: String, columns: [Column], rows: [Row] = [], notes: [String] = [], gates: [Gate] = []
  ) {
    (self.name, self.title, self.columns) = (name, title, columns)
    (self.rows, self.notes, self.gates) = (rows, notes, gates)
  }

  /// Title, table and notes, each line ended.
  package func rendered() -> String {
    var table = TextTable(columns: [.init("")] + columns.map { .init($0.title, .right) })
    for row in rows {
      table.addRow(
        [row.name]
          + columns.map { column in
            row.values[column.key].map { Figures.decimal($0, places: column.places) } ?? "–"
          })
    }
    return "\(title)\n\n\(table.rendered())" + notes.map { "\($0)\n" }.joined()
  }
}
