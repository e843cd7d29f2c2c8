import FileStages

/// What one line of a checksum manifest says.
struct ManifestEntry: Equatable, Sendable {
  /// The file's name, unescaped. It can be empty, and `-` names a file, not standard input.
  let name: [UInt8]
  let digest: Digest
}

/// Why a line is no checksum line, or not one that can be verified.
enum ManifestLineError: Error, Equatable, CustomStringConvertible {
  case noDigest
  /// A number of hexadecimal digits that no algorithm has.
  case unknownLength(Int)
  /// Another number of digits than the algorithm has that a tag or the command line names.
  case wrongLength(Int, DigestAlgorithm)
  case unknownTag([UInt8])
  case notInThisBuild(DigestAlgorithm)
  case noSeparator
  case noName
  case mixedSeparators
  case badTagForm
  case badEscape
  case nulInName

  var description: String {
    switch self {
    case .noDigest: "no checksum"
    case .unknownLength(let count): "no algorithm has checksums of \(count) hexadecimal digits"
    case .wrongLength(let count, let algorithm):
      "checksum of \(count) hexadecimal digits, and \(algorithm.tag) has \(2 * algorithm.digestByteCount)"
    case .unknownTag(let tag): "unknown algorithm \(QuotedName.text(tag))"
    case .notInThisBuild(let algorithm): "this build has no \(algorithm.tag)"
    case .noSeparator: "no space after the checksum"
    case .noName: "no file name"
    case .mixedSeparators: "one space after the checksum, where earlier lines have two"
    case .badTagForm: "not of the form TAG (NAME) = CHECKSUM"
    case .badEscape: "unknown escape in the file name"
    case .nulInName: "NUL in the file name"
    }
  }
}
