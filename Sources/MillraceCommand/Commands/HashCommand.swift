import ArgumentParser
import FilePipeline
import FileStages

extension DigestAlgorithm: ExpressibleByArgument {}

struct HashCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hash",
    abstract: "Print or verify checksums, in the format of sha256sum.",
    discussion: """
      With --check the paths are manifests: lines as this command or sha256sum prints them, or as either prints them \
      with --tag; - is standard input. The tag of a line names its algorithm. A line without a tag is of the algorithm \
      that --algorithm names; without that option its length decides, and 32 digits are an MD5, not an XXH128.
      """)

  @OptionGroup var source: SourceOptions

  @Option(help: "The algorithm. Only sha256, sha384 and sha512 withstand an attacker. (default: sha256)")
  var algorithm: DigestAlgorithm?

  @Flag(help: "Read checksums from the manifests and verify them.")
  var check = false

  @Flag(help: "Print BSD-style lines: SHA256 (NAME) = CHECKSUM.")
  var tag = false

  @OptionGroup var engine: EngineOptions
  @OptionGroup var tuning: EngineTuningOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if check && (source.filesFrom != nil || tag) {
      throw ValidationError("--check takes neither --files-from nor --tag.")
    }
    if let algorithm, !algorithm.isAvailable {
      throw ValidationError("This build has no \(algorithm.rawValue): install libxxhash-dev and build again.")
    }
  }

  func run() async throws {
    if check {
      try await HashCheck(
        manifests: source.paths.map(\.bytes), algorithm: algorithm, engine: try engine.source(tuning), output: output
      ).run()
    } else {
      try await hash()
    }
  }

  private func hash() async throws {
    let (algorithm, output) = (algorithm ?? .sha256, output)
    let writer = ManifestWriter(isTagged: tag)
    try await FileRun(source, try engine.source(tuning), output).run(
      { DigestReducer(algorithm) },
      render: { result, digest, bytes in
        if output.quiet { return }
        if output.json {
          let record = DigestRecord(algorithm: algorithm.rawValue, digest: "\(digest)", bytes: result.byteCount)
          try JSONLines().append(record, path: result.pathBytes, to: &bytes)
        } else {
          writer.append(name: result.pathBytes, digest: digest, to: &bytes)
        }
      },
      summary: { summary, bytes in
        if output.json { try JSONLines().append(SummaryRecord(summary), to: &bytes) }
      })
  }

  private struct DigestRecord: Encodable {
    let type = "file"
    let algorithm: String
    let digest: String
    let bytes: Int64
  }
}
