#if DEBUG
@testable import MillraceCommand

/// The first byte chooses how the lines end and which digests there are; the others are the manifest.
///
/// - What a line gives is within its bounds: a name without NUL, and digits of a digest.
/// - The line that is written of it reads back as the same, whatever the lines before it were.
func checkManifest(_ bytes: [UInt8]) {
  guard let choice = bytes.first else { return }
  let terminator: RecordTerminator = choice & 1 == 0 ? .newline : .nul
  let digitCounts: [Int?] = [nil, 8, 64, 128]
  let digitCount = digitCounts[Int(choice >> 1 & 3)]
  var reader = ManifestReader(hexDigitCount: digitCount, terminator: terminator)
  for line in bytes.dropFirst().split(separator: terminator.rawValue, omittingEmptySubsequences: false) {
    guard let entry = try? reader.entry(in: Array(line)) else { continue }
    require(!entry.name.contains(0), "a name has no NUL")
    require(entry.name.count <= line.count, "a name is no longer than its line")
    require(digitCount.map { $0 == entry.hexDigits.count } ?? true, "digits are as many as were asked for")
    require(entry.digest.count * 2 == entry.hexDigits.count, "two digits make a byte")
    checkRoundTrip(entry, terminator)
  }
}

private func checkRoundTrip(_ entry: ManifestEntry, _ terminator: RecordTerminator) {
  let tag = entry.tag.map { String(decoding: $0, as: UTF8.self) }
  var written: [UInt8] = []
  ManifestWriter(tag: tag, terminator: terminator).append(name: entry.name, digest: entry.digest, to: &written)
  require(written.last == terminator.rawValue, "a line ends with its terminator")
  let line = Array(written.dropLast())
  require(!line.contains(terminator.rawValue), "a line has no terminator in it")
  var reader = ManifestReader(terminator: terminator)
  guard let read = try? reader.entry(in: line) else { fatalError("a written line is a proper one: \(line)") }
  require(
    read.name == entry.name && read.digest == entry.digest && read.tag == entry.tag, "\(entry) became \(read)")
}
#endif
