#if DEBUG
import FileStages

@testable import MillraceCommand

/// The first byte chooses the algorithm of plain lines; the others are the manifest.
///
/// - What a line gives is within its bounds: a name without NUL, and a digest of a known length.
/// - The lines that are written of it, plain and tagged, read back as the same, whatever the lines before it were.
func checkManifest(_ bytes: [UInt8]) {
  guard let choice = bytes.first else { return }
  let algorithms = [nil] + DigestAlgorithm.allCases.map(Optional.some)
  let algorithm = algorithms[Int(choice) % algorithms.count]
  var parser = ManifestLineParser(plainAlgorithm: algorithm)
  for line in bytes.dropFirst().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
    guard let entry = try? parser.entry(in: Array(line)) else { continue }
    require(!entry.name.contains(0), "a name has no NUL")
    require(entry.name.count <= line.count, "a name is no longer than its line")
    checkRoundTrip(entry, isTagged: true)
    // In a plain line an empty name cannot be told from a name that is a space.
    if !entry.name.isEmpty { checkRoundTrip(entry, isTagged: false) }
  }
}

private func checkRoundTrip(_ entry: ManifestEntry, isTagged: Bool) {
  var written: [UInt8] = []
  ManifestWriter(isTagged: isTagged).append(name: entry.name, digest: entry.digest, to: &written)
  require(written.last == UInt8(ascii: "\n"), "a line ends in a newline")
  let line = Array(written.dropLast())
  require(!line.contains(UInt8(ascii: "\n")), "a line has no newline in it")
  var parser = ManifestLineParser(plainAlgorithm: entry.digest.algorithm)
  guard let read = try? parser.entry(in: line) else { fatalError("a written line is a proper one: \(line)") }
  require(read == entry, "\(entry) became \(read)")
}
#endif
