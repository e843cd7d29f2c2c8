import FilePipeline
import SystemPackage

/// What became of the entries of a copy.
typealias CopyTally = Tally<CopyCounts>

struct CopyCounts: TallyCounts, Equatable {
  /// What was refused, and where first.
  struct Refused: Sendable, Equatable {
    let path: [UInt8]
    var attributes: FileAttributes.Kinds
  }

  /// A failure of many files that is the target's file system's, and not theirs: one line for all of them.
  struct Repeated: Sendable, Equatable {
    let first: FileError
    var others = 0
  }

  var written = 0
  var linked = 0
  var updated = 0
  var unchanged = 0
  var failed = 0
  var skipped = 0
  /// Of which some attribute was refused.
  var incomplete = 0
  var refused: Refused?
  /// One for each cause.
  var repeated: [Repeated] = []
  /// Of the files that were written.
  var bytes: Int64 = 0

  var done: Int { written + linked + updated }

  mutating func add<Output>(_ copied: CopiedFile<Output>) {
    if !copied.notKept.isEmpty { note(copied.notKept, copied.target.bytes) }
    bytes += copied.byteCount
    switch copied.action {
    case .written: written += 1
    case .linked: linked += 1
    case .updated: updated += 1
    case .unchanged: unchanged += 1
    }
  }

  /// Counts a failure. Whether it is to be told of now.
  mutating func add(_ error: FileError) -> Bool {
    failed += 1
    guard error.isOfTheFileSystem else { return true }
    if let known = repeated.firstIndex(where: { $0.first.cause == error.cause }) {
      repeated[known].others += 1
    } else {
      repeated.append(Repeated(first: error))
    }
    return false
  }

  private mutating func note(_ attributes: FileAttributes.Kinds, _ path: [UInt8]) {
    incomplete += 1
    var refused = refused ?? Refused(path: path, attributes: [])
    refused.attributes.formUnion(attributes)
    self.refused = refused
  }
}

extension FileError {
  /// No room, no more of the quota, or nothing may be written at all.
  fileprivate var isOfTheFileSystem: Bool {
    [.system(.noSpace), .system(.diskQuotaExceeded), .system(.readOnlyFileSystem)].contains(cause)
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

  init(_ run: EngineRun.Outcome, _ counts: CopyTally.Counts) {
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
