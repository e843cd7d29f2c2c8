import FilePipeline
import FileStages

/// A file that was written, for `--json`.
struct CopyRecord: Encodable {
  private enum CodingKeys: CodingKey { case type, action, bytes, notKept, sha256 }

  private let target: JSONPath
  private let type = "file"
  private let action: String
  private let bytes: Int64
  /// Nil if all attributes were kept.
  private let notKept: [String]?
  private let sha256: String?

  init<Output>(_ copied: CopiedFile<Output>) {
    target = JSONPath(copied.target.bytes, as: "target")
    action = "\(copied.action)"
    bytes = copied.byteCount
    notKept = copied.notKept.isEmpty ? nil : copied.notKept.names
    let digest = copied.output as? Digest
    sha256 = digest?.algorithm == .sha256 ? digest?.description : nil
  }

  func encode(to encoder: any Encoder) throws {
    try target.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type, forKey: .type)
    try container.encode(action, forKey: .action)
    try container.encode(bytes, forKey: .bytes)
    try container.encodeIfPresent(notKept, forKey: .notKept)
    try container.encodeIfPresent(sha256, forKey: .sha256)
  }
}

/// The last line of `copy --json`.
struct CopySummaryRecord: Encodable {
  let type = "summary"
  let engine: String
  let written: Int
  let linked: Int
  let updated: Int
  let unchanged: Int
  let failed: Int
  let skipped: Int
  let incomplete: Int
  let bytes: Int64
  let seconds: Double

  init(_ run: EngineRun.Outcome, _ counts: CopyCounts) {
    engine = run.engine.rawValue
    (written, linked, updated) = (counts.written, counts.linked, counts.updated)
    (unchanged, failed, skipped, bytes) = (counts.unchanged, counts.failed, counts.skipped, counts.bytes)
    incomplete = counts.incomplete
    seconds = run.duration.inSeconds
  }
}

extension FileAttributes.Kinds {
  /// As messages and records name them.
  var names: [String] {
    [
      (Self.permissions, "permissions"), (.times, "times"), (.owner, "owner"),
      (.extended, "extended attributes"),
    ].filter { contains($0.0) }.map(\.1)
  }
}
