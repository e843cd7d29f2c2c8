/// What a verification comes to.
typealias CheckTally = Tally<CheckCounts>

/// As the summary of `--json` has them.
struct CheckCounts: TallyCounts, Encodable {
  private(set) var type = "summary"
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
