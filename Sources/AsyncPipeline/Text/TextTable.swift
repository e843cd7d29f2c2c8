/// A table in plain text: a header, a rule, and rows, with the columns two spaces apart.
///
/// A column is as wide as its widest cell. The width of a cell is its number of Unicode scalars: correct for figures,
/// units and most file names, but not for combining marks or East Asian characters. A cell must be a single line; the
/// caller quotes file names, which may contain line breaks.
package struct TextTable {
  package enum Alignment: Sendable { case left, right }

  package struct Column: Sendable {
    let title: String
    let alignment: Alignment

    package init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []

  package init(columns: [Column]) {
    self.columns = columns
  }

  /// Adds a row.
  ///
  /// - Parameter cells: one per column.
  package mutating func addRow(_ cells: [String]) {
    precondition(cells.count == columns.count, "\(cells.count) cells for \(columns.count) columns")
    rows.append(cells)
  }

  /// The table; each line ends with a newline, and has no trailing spaces.
  package func rendered() -> String {
    let titles = columns.map(\.title)
    let widths = columns.indices.map { index in
      ([titles] + rows).map { $0[index].unicodeScalars.count }.max() ?? 0
    }
    let rule = widths.map { String(repeating: "-", count: $0) }
    return ([titles, rule] + rows).map { line($0, widths) }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var line = ""
    for (index, cell) in cells.enumerated() {
      if index > 0 { line += "  " }
      let padding = String(repeating: " ", count: widths[index] - cell.unicodeScalars.count)
      line += columns[index].alignment == .left ? cell + padding : padding + cell
    }
    let end = line.unicodeScalars.lastIndex { $0 != " " }.map(line.unicodeScalars.index(after:))
    return line[..<(end ?? line.startIndex)] + "\n"
  }
}
