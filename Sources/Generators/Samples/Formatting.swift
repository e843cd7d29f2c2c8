/// How numbers and lines are written. Nothing here looks at the locale, the time zone or the platform.

/// `number` with zeros before it, up to `width` digits.
func padded(_ number: Int, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

/// `number` with its last `places` digits behind the separator: 1234 with two places is 12.34. Whole numbers stand for
/// fractions throughout, so no rounding can differ.
func decimal(_ number: Int, places: Int, separator: String = ".") -> String {
  let digits = padded(abs(number), places + 1)
  return (number < 0 ? "-" : "") + digits.dropLast(places) + separator + digits.suffix(places)
}

/// `lines`, each with a newline at its end.
func joined(_ lines: [String]) -> String {
  lines.reduce(into: "") { $0 += $1 + "\n" }
}

/// A field of a CSV file (RFC 4180): in quotes where it must be, with its own quotes doubled.
func csvField(_ text: String) -> String {
  guard text.utf8.contains(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }) else { return text }
  return text.reduce(into: "\"") { $0 += $1 == "\"" ? "\"\"" : String($1) } + "\""
}

/// The bytes of `text` with CR LF at the end of each line.
func windowsLines(_ text: String) -> [UInt8] {
  text.utf8.reduce(into: []) { bytes, byte in
    if byte == UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\r")) }
    bytes.append(byte)
  }
}

/// What some programs write before UTF-8.
let byteOrderMark: [UInt8] = [0xef, 0xbb, 0xbf]

/// The bytes of `text` in ISO 8859-1, which has the first 256 characters of Unicode and no others.
func latin1(_ text: String) -> [UInt8] {
  text.unicodeScalars.map { UInt8($0.value) }
}

extension [UInt8] {
  /// Appends an integer with its least significant byte first.
  mutating func append(littleEndian number: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
  }
}
