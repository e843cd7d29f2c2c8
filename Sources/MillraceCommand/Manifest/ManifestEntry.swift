/// What one line of a checksum manifest says.
struct ManifestEntry: Equatable, Sendable {
  /// The file's name, unescaped. It can be empty, and `-` names a file, not standard input, unless the caller decides
  /// so.
  let name: [UInt8]
  /// The digest's hexadecimal digits, in the case they were written in.
  let hexDigits: [UInt8]
  /// The digest's name, such as `SHA256` or `BLAKE2b-256`, from a tagged line; `nil` from a plain one.
  let tag: [UInt8]?

  /// The digest's bytes.
  var digest: [UInt8] {
    guard let bytes = Hexadecimal.decode(hexDigits[...]) else { preconditionFailure("digits were checked when read") }
    return bytes
  }
}

/// Why a line is improperly formatted.
enum ManifestLineError: Error, Equatable, CustomStringConvertible {
  case noDigest
  case digestLength(Int)
  case noSeparator
  case noName
  case mixedSeparators
  case badTagForm
  case badEscape
  case nulInName

  var description: String {
    switch self {
    case .noDigest: "no checksum"
    case .digestLength(let count): "checksum of \(count) hexadecimal digits"
    case .noSeparator: "no space after the checksum"
    case .noName: "no file name"
    case .mixedSeparators: "one space after the checksum, where earlier lines have two"
    case .badTagForm: "not of the form TAG (NAME) = CHECKSUM"
    case .badEscape: "unknown escape in the file name"
    case .nulInName: "NUL in the file name"
    }
  }
}
