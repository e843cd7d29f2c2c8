/// Counts the verdicts of a verification.
typealias CheckTally = Tally<CheckCounts>

/// The summary of `--json`.
struct CheckCounts: Sendable, Encodable {
  private(set) var type = "summary"
  var matched = 0
  var mismatched = 0
  /// Listed files that could not be read.
  var unreadable = 0
  /// Lines without a checksum.
  var malformed = 0
  /// Manifests without a line that has one.
  var emptyManifests = 0
  /// Manifests that could not be opened, or not read to their end.
  var unreadableManifests = 0

  var areGood: Bool {
    mismatched == 0 && unreadable == 0 && malformed == 0 && emptyManifests == 0 && unreadableManifests == 0
  }

  mutating func add(_ verdict: HashCheck.Verdict) {
    switch verdict {
    case .matched: matched += 1
    case .mismatched: mismatched += 1
    case .unreadable: unreadable += 1
    }
  }

  /// The warnings that `sha256sum -c` ends with.
  func report() {
    warn(malformed, "line is", "lines are", "improperly formatted")
    warn(unreadable, "listed file", "listed files", "could not be read")
    warn(mismatched, "computed checksum", "computed checksums", "did NOT match")
  }

  private func warn(_ count: Int, _ one: String, _ several: String, _ what: String) {
    if count > 0 { Diagnostics.report("WARNING: \(count) \(count == 1 ? one : several) \(what)") }
  }
}
