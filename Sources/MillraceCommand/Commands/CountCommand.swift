import ArgumentParser
import FilePipeline
import FileStages
import Synchronization

struct CountCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "count",
    abstract: "Count lines, words and bytes, as wc does.",
    discussion: """
      A word is a run of bytes other than white space (space, tab, newline, vertical tab, form feed, carriage return). \
      Prints a line a file, and the total if there are several.
      """)

  @OptionGroup var source: SourceOptions
  @OptionGroup var engine: EngineOptions
  @OptionGroup var tuning: EngineTuningOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let output = output
    let total = Mutex(ByteCounts())
    try await FileRun(source, try engine.source(tuning), output).run(
      { CountReducer() },
      render: { result, counts, bytes in
        total.withLock { $0 = $0 + counts }
        if output.quiet { return }
        if output.json {
          try JSONLines().append(CountRecord("file", counts), path: result.pathBytes, to: &bytes)
        } else {
          Self.append(counts, result.pathBytes, to: &bytes)
        }
      },
      summary: { summary, bytes in
        if output.json {
          try JSONLines().append(CountRecord("total", total.withLock { $0 }), to: &bytes)
          try JSONLines().append(SummaryRecord(summary), to: &bytes)
        } else if !output.quiet && summary.counts.files + summary.counts.failed > 1 {
          Self.append(total.withLock { $0 }, Array("total".utf8), to: &bytes)
        }
      })
  }

  private struct CountRecord: Encodable {
    let type: String
    let lines: Int
    let words: Int
    let bytes: Int

    init(_ type: String, _ counts: ByteCounts) {
      self.type = type
      (lines, words, bytes) = (counts.lines, counts.words, counts.bytes)
    }
  }

  /// wc makes its columns as wide as the largest number, which is not known before the end.
  private static let columnWidth = 8

  private static func append(_ counts: ByteCounts, _ path: [UInt8], to bytes: inout [UInt8]) {
    for number in [counts.lines, counts.words, counts.bytes] {
      let digits = String(number)
      bytes.append(contentsOf: String(repeating: " ", count: max(1, columnWidth - digits.utf8.count)).utf8)
      bytes.append(contentsOf: digits.utf8)
    }
    bytes.append(UInt8(ascii: " "))
    QuotedName.append(path, to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }
}
