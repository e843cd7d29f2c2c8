import ArgumentParser
import Foundation

/// `pass`: what `engines` and `gates` start for each run, so that what it costs is what a process of its own costs.
struct PassCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pass", abstract: "Does one job once, and tells what it found, as JSON.", shouldDisplay: false
  )

  @Option var reader: Reader
  @Option var job: Job
  @Option var depth: Int?
  @Argument var paths: [String]

  func run() async throws {
    let report = try await Pass(reader: reader, job: job, paths: paths, depth: depth).run()
    print(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
  }

  /// The command line that does the pass.
  static func line(_ pass: Pass) -> [String] {
    ["/proc/self/exe", "pass", "--reader", pass.reader.rawValue, "--job", pass.job.rawValue]
      + (pass.depth.map { ["--depth", "\($0)"] } ?? []) + ["--"] + pass.paths
  }
}
