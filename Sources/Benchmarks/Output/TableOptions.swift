import ArgumentParser
import Foundation
import Measurement

/// How tables are printed, and what becomes of gates.
struct TableOptions: ParsableArguments {
  @Flag(help: "Print one JSON document: the machine, and the tables.")
  var json = false

  /// Prints the tables on standard output.
  ///
  /// - Throws: `ExitCode(1)` if a gate is exceeded, after a line for each that is on standard error.
  func show(_ tables: [MeasuredTable]) throws {
    let report = MeasuredReport(machine: .present, tables: tables)
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print(
        ([report.machine.description + "\n"] + tables.map { $0.rendered() }).joined(separator: "\n"), terminator: "")
    }
    for gate in report.exceeded { tell("\(gate.complaint).") }
    if !report.exceeded.isEmpty { throw ExitCode(1) }
  }
}

/// Says something that is no result.
func tell(_ message: String) {
  FileHandle.standardError.write(Data("Benchmarks: \(message)\n".utf8))
}

/// Why nothing could be measured, on one line.
struct CannotMeasure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
