/// Reads the lines of a checksum manifest by the rules of `sha256sum --check` (coreutils 9.1).
///
/// A line is plain (`HEX  NAME`, or ` *` for the second space) or tagged (`TAG (NAME) = HEX`). In both, digits may be
/// of either case, blanks may come first, a backslash before the rest says that the name is escaped, and one carriage
/// return before the newline is dropped. A line that starts with `#` is a comment.
///
/// Two rules depart from coreutils. Every tag is accepted and returned, since one manifest may hold several digests.
/// And a NUL in a name is an error, where coreutils would verify the file that the part before it names.
///
/// It is a value with a memory, so use one for each manifest, on its lines in order: see `separator`.
struct ManifestReader: Sendable {
  /// CRC-32 has 8 digits, SHA-512 has 128. Outside of these, a first word of hexadecimal digits is no checksum.
  static let hexDigitLimits = 8...128

  private enum Separator { case oneSpace, twoCharacters }

  /// How many digits every digest has, or `nil` for any even number within `hexDigitLimits`.
  private let hexDigitCount: Int?
  private let terminator: RecordTerminator
  /// Old BSD programs wrote one space before the name. As coreutils does, the first plain line decides for all: else
  /// whoever can prepend a space to a file's name could choose which file a line is about.
  private var separator: Separator?

  /// - Parameter terminator: What ended the lines. NUL-ended lines have no escapes and no carriage return to drop.
  init(hexDigitCount: Int? = nil, terminator: RecordTerminator = .newline) {
    self.hexDigitCount = hexDigitCount
    self.terminator = terminator
  }

  /// What `line` says, or `nil` if it is empty or a comment.
  /// - Parameter line: The bytes before the terminator.
  mutating func entry(in line: [UInt8]) throws(ManifestLineError) -> ManifestEntry? {
    var rest = line[...]
    if rest.first == UInt8(ascii: "#") { return nil }
    if terminator == .newline, rest.last == UInt8(ascii: "\r") { rest.removeLast() }
    if rest.isEmpty { return nil }

    rest = rest.drop(while: Self.isBlank)
    let isEscaped = terminator == .newline && rest.first == NameEscaping.mark
    if isEscaped { rest.removeFirst() }
    if let (tag, afterTag) = Self.splitTag(rest) {
      return try taggedEntry(tag, afterTag, isEscaped)
    }
    return try plainEntry(rest, isEscaped)
  }

  private mutating func plainEntry(
    _ text: ArraySlice<UInt8>, _ isEscaped: Bool
  ) throws(ManifestLineError) -> ManifestEntry {
    let digits = text.prefix { Hexadecimal.value(of: $0) != nil }
    try check(digits)
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
    return ManifestEntry(name: try Self.name(name, isEscaped), hexDigits: Array(digits), tag: nil)
  }

  private func taggedEntry(
    _ tag: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>, _ isEscaped: Bool
  ) throws(ManifestLineError) -> ManifestEntry {
    // The last parenthesis, since the name may hold others.
    guard let close = text.lastIndex(of: UInt8(ascii: ")")) else { throw .badTagForm }
    var rest = text[(close + 1)...].drop(while: Self.isBlank)
    guard rest.popFirst() == UInt8(ascii: "=") else { throw .badTagForm }
    rest = rest.drop(while: Self.isBlank)
    guard rest.allSatisfy({ Hexadecimal.value(of: $0) != nil }) else { throw .badTagForm }
    try check(rest)
    return ManifestEntry(name: try Self.name(text[..<close], isEscaped), hexDigits: Array(rest), tag: Array(tag))
  }

  private func check(_ digits: ArraySlice<UInt8>) throws(ManifestLineError) {
    if digits.isEmpty { throw .noDigest }
    let isRight =
      hexDigitCount.map { $0 == digits.count }
      ?? (digits.count.isMultiple(of: 2) && Self.hexDigitLimits.contains(digits.count))
    if !isRight { throw .digestLength(digits.count) }
  }

  /// The tag, and what follows its opening parenthesis; `nil` if the text does not start so. A word of hexadecimal
  /// digits is a digest, so no tag. There is one space at most before the parenthesis; OpenSSL writes none.
  private static func splitTag(
    _ text: ArraySlice<UInt8>
  ) -> (tag: ArraySlice<UInt8>, afterTag: ArraySlice<UInt8>)? {
    let tag = text.prefix(while: isTagCharacter)
    var rest = text[tag.endIndex...]
    if rest.first == UInt8(ascii: " ") { rest.removeFirst() }
    guard rest.popFirst() == UInt8(ascii: "(") else { return nil }
    return tag.allSatisfy { Hexadecimal.value(of: $0) != nil } ? nil : (tag, rest)
  }

  private static func name(_ text: ArraySlice<UInt8>, _ isEscaped: Bool) throws(ManifestLineError) -> [UInt8] {
    if text.contains(0) { throw .nulInName }
    guard let name = isEscaped ? NameEscaping.unescape(text) : Array(text) else { throw .badEscape }
    return name
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
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
