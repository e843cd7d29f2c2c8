import FilePipeline
import SystemPackage

/// Counts the entries of a copy by their results.
typealias CopyTally = Tally<CopyCounts>

struct CopyCounts: Sendable, Equatable {
  /// The attributes that could not be set, and the first file of them.
  struct Refused: Sendable, Equatable {
    let path: [UInt8]
    var attributes: FileAttributes.Kinds
  }

  /// A failure that the target's file system causes for many files: one line for all of them.
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
  /// Files whose attributes were not all permitted.
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

  /// Counts a failure, and returns whether to report it now.
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
