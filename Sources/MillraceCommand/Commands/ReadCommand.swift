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
    try await FileRun(source, try engine.source(tuning), output).run(
      { NothingReducer() },
      render: { result, _, bytes in
        guard output.json, !output.quiet else { return }
        try JSONLines().append(FileRecord(bytes: result.byteCount), path: result.pathBytes, to: &bytes)
      },
      summary: { summary, bytes in
        if output.json {
          try JSONLines().append(SummaryRecord(summary), to: &bytes)
        } else if !output.quiet {
          bytes.append(contentsOf: Self.sentence(summary).utf8)
        }
      })
  }

  private struct FileRecord: Encodable {
    let type = "file"
    let bytes: Int64
  }

  private static func sentence(_ summary: RunSummary) -> String {
    let (counts, seconds) = (summary.counts, max(summary.run.duration.inSeconds, 1e-9))
    return
      "\(Figures.counted(counts.files, "file")), \(Figures.bytes(Int(counts.bytes))) in \(Figures.seconds(seconds)): "
      + "\(Figures.count(Int(Double(counts.files) / seconds))) files/s, "
      + "\(Figures.bytes(Int(Double(counts.bytes) / seconds)))/s (\(summary.run.engine.rawValue))\n"
  }
}

/// Ignores the bytes: only reading is measured.
struct NothingReducer: ByteReducer {
  struct Nothing: Hashable, Sendable {}

  mutating func update(_ bytes: RawSpan) {}
  mutating func finish() -> Nothing { Nothing() }
}
