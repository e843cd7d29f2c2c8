import FileStages

/// Parses the lines of a checksum manifest by the rules of `sha256sum --check` (coreutils 9.1).
///
/// A line is plain (`HEX  NAME`, or ` *` for the second space) or tagged (`TAG (NAME) = HEX`). In both, digits may be
/// of either case, blanks may come first, a backslash before the rest says that the name is escaped, and one carriage
/// return before the newline is dropped. A line that starts with `#` is a comment.
///
/// The tag of a tagged line names its algorithm. The caller names the algorithm of plain lines; if it does not, the
/// number of digits decides (``DigestAlgorithm/init(untaggedDigitCount:)``).
///
/// Two rules depart from coreutils. One manifest may hold digests of several algorithms. And a NUL in a name is an
/// error, where coreutils would verify the file that the part before it names.
///
/// Use one parser for each manifest, on its lines in order: see `separator`.
struct ManifestLineParser: Sendable {
  private enum Separator { case oneSpace, twoCharacters }

  /// The algorithm of plain lines; nil if their length decides.
  private let plainAlgorithm: DigestAlgorithm?
  /// Old BSD programs wrote one space before the name. As in coreutils, the first plain line decides for all: otherwise
  /// an attacker who can prepend a space to a file's name could choose which file a line is about.
  private var separator: Separator?

  init(plainAlgorithm: DigestAlgorithm? = nil) {
    self.plainAlgorithm = plainAlgorithm
  }

  /// Parses one line, given without its newline; nil for an empty line and a comment.
  mutating func entry(in line: [UInt8]) throws(ManifestLineError) -> ManifestEntry? {
    var rest = line[...]
    if rest.first == UInt8(ascii: "#") { return nil }
    if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
    if rest.isEmpty { return nil }

    rest = rest.drop(while: Self.isBlank)
    let isEscaped = rest.first == NameEscaping.mark
    if isEscaped { rest.removeFirst() }
    if let (tag, afterTag) = Self.splitTag(rest) {
      return try taggedEntry(tag, afterTag, isEscaped)
    }
    return try plainEntry(rest, isEscaped)
  }

  private mutating func plainEntry(
    _ text: ArraySlice<UInt8>, _ isEscaped: Bool
  ) throws(ManifestLineError) -> ManifestEntry {
    let digits = text.prefix(while: Self.isHexadecimalDigit)
    if digits.isEmpty { throw .noDigest }
    guard let algorithm = plainAlgorithm ?? DigestAlgorithm(untaggedDigitCount: digits.count) else {
      throw .unknownLength(digits.count)
    }
    let digest = try Self.digest(algorithm, digits)
    var name = text[digits.endIndex...]
    guard let blank = name.popFirst(), Self.isBlank(blank) else { throw .noSeparator }
    guard let second = name.first else { throw .noName }

    // A name of one character leaves none for a second separator.
    let hasOneSpace = name.count == 1 || (second != UInt8(ascii: " ") && second != UInt8(ascii: "*"))
    if hasOneSpace {
      if separator == .twoCharacters { throw .mixedSeparators }
      separator = .oneSpace
    } else if separator != .oneSpace {
      separator = .twoCharacters
      name.removeFirst()
    }
    return ManifestEntry(name: try Self.name(name, isEscaped), digest: digest)
  }

  private func taggedEntry(
    _ tag: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, _ isEscaped: Bool
  ) throws(ManifestLineError) -> ManifestEntry {
    // The last parenthesis, since the name may hold others.
    guard let close = text.lastIndex(of: UInt8(ascii: ")")) else { throw .badTagForm }
    var rest = text[(close + 1)...].drop(while: Self.isBlank)
    guard rest.popFirst() == UInt8(ascii: "=") else { throw .badTagForm }
    rest = rest.drop(while: Self.isBlank)
    guard rest.allSatisfy(Self.isHexadecimalDigit) else { throw .badTagForm }
    if rest.isEmpty { throw .noDigest }
    guard let algorithm = DigestAlgorithm(tag: String(decoding: tag, as: UTF8.self)) else {
      throw .unknownTag(Array(tag))
    }
    let digest = try Self.digest(algorithm, rest)
    return ManifestEntry(name: try Self.name(text[..<close], isEscaped), digest: digest)
  }

  /// - Parameter digits: hexadecimal digits, of any number.
  private static func digest(
    _ algorithm: DigestAlgorithm, _ digits: ArraySlice<UInt8>
  ) throws(ManifestLineError) -> Digest {
    guard let digest = Digest(algorithm, hexadecimal: digits) else { throw .wrongLength(digits.count, algorithm) }
    if !algorithm.isAvailable { throw .notInThisBuild(algorithm) }
    return digest
  }

  /// The tag, and what follows its opening parenthesis; nil if the text does not start so. A word of hexadecimal digits
  /// is a digest, so no tag. There is one space at most before the parenthesis; OpenSSL writes none.
  private static func splitTag(
    _ text: ArraySlice<UInt8>
  ) -> (tag: ArraySlice<UInt8>, afterTag: ArraySlice<UInt8>)? {
    let tag = text.prefix(while: isTagCharacter)
    var rest = text[tag.endIndex...]
    if rest.first == UInt8(ascii: " ") { rest.removeFirst() }
    guard rest.popFirst() == UInt8(ascii: "(") else { return nil }
    return tag.allSatisfy(isHexadecimalDigit) ? nil : (tag, rest)
  }

  private static func name(_ text: ArraySlice<UInt8>, _ isEscaped: Bool) throws(ManifestLineError) -> [UInt8] {
    if text.contains(0) { throw .nulInName }
    guard let name = isEscaped ? NameEscaping.unescape(text) : Array(text) else { throw .badEscape }
    return name
  }

  // MARK: Characters

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
  }

  private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
    Unicode.Scalar(byte).properties.isASCIIHexDigit
  }

  /// The characters of names such as `SHA512/256`, `SHA3-256` and `BLAKE2b-256`.
  private static func isTagCharacter(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
