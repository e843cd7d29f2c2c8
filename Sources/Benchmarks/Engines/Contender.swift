import ArgumentParser
import Foundation
import Measurement

/// A program that does the whole job, from its start to its end, and is compared with others.
struct Contender {
  let name: String
  /// The command line for these trees.
  let line: (_ paths: [String]) -> [String]
  /// Whether it prints a ``Pass/Report``.
  let reports: Bool

  static func reader(_ reader: Reader, _ job: Job, depth: Int?) -> Contender {
    Contender(
      name: reader.rawValue, line: { PassCommand.line(Pass(reader: reader, job: job, paths: $0, depth: depth)) },
      reports: true)
  }

  /// Copies the trees, each time into a new directory in `parent`.
  static func copier(_ reader: Reader, into parent: String, depth: Int?) -> Contender {
    Contender(
      name: reader.rawValue,
      line: {
        let target = "\(parent)/\(UUID().uuidString)"
        return PassCommand.line(Pass(reader: reader, job: .copy, paths: $0 + [target], depth: depth))
      }, reports: true)
  }

  struct Run {
    let child: ChildRun
    let report: Pass.Report?
    /// Of the program alone, if it told it.
    var peakMemory: Int { report?.peakMemory ?? child.peakMemory }
  }

  func run(_ paths: [String]) throws -> Run {
    let child = try ChildRun(line(paths), keepsOutput: reports)
    let report = reports ? try JSONDecoder().decode(Pass.Report.self, from: Data(child.output)) : nil
    return Run(child: child, report: report)
  }
}

/// `NAME=COMMAND`: another program that does the job.
struct Rival: ExpressibleByArgument {
  let name: String
  /// For `sh`, which has the trees as its arguments.
  let command: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
    name = String(argument[..<sign])
    command = String(argument[argument.index(after: sign)...])
    if command.isEmpty || Reader(rawValue: name) != nil { return nil }
  }

  var contender: Contender {
    Contender(name: name, line: { ["/bin/sh", "-c", command, name] + $0 }, reports: false)
  }
}
