import Foundation

/// What it costs to read every file of a tree: this package's pipelines and NIO's file system in turn, round after
/// round, in one run, with warm caches. What else the machine does slows all of them alike: the ratios say more than
/// the seconds.
///
/// The arguments are a directory, and the number of rounds if it is not 5. `--json` beside them prints JSON.
@main
enum FileRates {
  static func main() async throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let isJSON = arguments.contains("--json")
    arguments.removeAll { $0 == "--json" }
    guard let path = arguments.first, let rounds = arguments.count > 1 ? Int(arguments[1]) : 5, rounds > 0 else {
      FileHandle.standardError.write(Data("usage: file-rates PATH [ROUNDS] [--json]\n".utf8))
      exit(64)
    }
    let table = try await FileContest(path: path, rounds: rounds).measured()
    let report = MeasuredReport(machine: .present, tables: [table])
    if isJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(report), as: UTF8.self))
    } else {
      print("\(report.machine.description)\n\n\(table.rendered())", terminator: "")
    }
  }
}
