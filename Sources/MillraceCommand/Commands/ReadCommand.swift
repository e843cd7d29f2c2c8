import ArgumentParser
import FilePipeline

struct ReadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read", abstract: "Read every byte of every file, and report the throughput.")

  @OptionGroup var source: SourceOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var tuning: EngineTuningOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let output = output
    try await FileRun(source, engine.source(tuning), output).run(
      { NothingReducer() },
      render: { value, bytes in
        guard output.json, !output.quiet else { return }
        try JSONLines().append(FileRecord(bytes: value.byteCount), path: value.file.path, to: &bytes)
      },
      summary: { report, bytes in
        if output.json {
          try JSONLines().append(SummaryRecord(report), to: &bytes)
        } else if !output.quiet {
          bytes.append(contentsOf: Self.sentence(report).utf8)
        }
      })
  }

  private struct FileRecord: Encodable {
    let type = "file"
    let bytes: Int64
  }

  private static func sentence(_ report: FileReport) -> String {
    let seconds = max(report.duration.inSeconds, 1e-9)
    return
      "\(Figures.counted(report.files, "file")), \(Figures.bytes(Int(report.bytes))) in \(Figures.seconds(seconds)): "
      + "\(Figures.count(Int(Double(report.files) / seconds))) files/s, "
      + "\(Figures.bytes(Int(Double(report.bytes) / seconds)))/s (\(report.engine.rawValue))\n"
  }
}

/// Looks at nothing: what is left is the reading.
struct NothingReducer: ByteReducer {
  struct Nothing: Hashable, Sendable {}

  mutating func update(_ bytes: RawSpan) {}
  mutating func finish() -> Nothing { Nothing() }
}
