/// All that a run of measurements found, and where.
package struct MeasuredReport: Codable, Hashable, Sendable {
  package let machine: Machine
  package let tables: [MeasuredTable]

  package init(machine: Machine, tables: [MeasuredTable]) {
    (self.machine, self.tables) = (machine, tables)
  }

  /// The limits that were passed.
  package var exceeded: [Gate] { tables.flatMap(\.gates).filter(\.isExceeded) }
}
