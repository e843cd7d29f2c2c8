import Synchronization

/// What a verification comes to.
final class CheckTally: Sendable {
  struct Record: Encodable {
    let type = "summary"
    var matched = 0
    var mismatched = 0
    /// Files that manifests name.
    var unreadable = 0
    /// Lines that hold no checksum.
    var malformed = 0
    /// Manifests without a line that holds one.
    var emptyManifests = 0
    /// Manifests that could not be opened, or not be read to their end.
    var unreadableManifests = 0
  }

  private let counts = Mutex(Record())

  var record: Record { counts.withLock { $0 } }

  var isGood: Bool {
    let record = record
    return record.mismatched == 0 && record.unreadable == 0 && record.malformed == 0
      && record.emptyManifests == 0 && record.unreadableManifests == 0
  }

  func count(_ verdict: HashCheck.Verdict) {
    counts.withLock { counts in
      switch verdict {
      case .matched: counts.matched += 1
      case .mismatched: counts.mismatched += 1
      case .unreadable: counts.unreadable += 1
      }
    }
  }

  func countMalformed() {
    counts.withLock { $0.malformed += 1 }
  }

  func countEmptyManifest() {
    counts.withLock { $0.emptyManifests += 1 }
  }

  func countUnreadableManifest() {
    counts.withLock { $0.unreadableManifests += 1 }
  }

  /// The warnings that `sha256sum -c` ends with.
  func report() {
    let record = record
    warn(record.malformed, "line is", "lines are", "improperly formatted")
    warn(record.unreadable, "listed file", "listed files", "could not be read")
    warn(record.mismatched, "computed checksum", "computed checksums", "did NOT match")
  }

  private func warn(_ count: Int, _ one: String, _ several: String, _ what: String) {
    if count > 0 { Diagnostics.report("WARNING: \(count) \(count == 1 ? one : several) \(what)") }
  }
}
