/// Writes the lines of a checksum manifest, byte for byte as `sha256sum` and its sisters print them (coreutils 9.1).
///
/// `HEX  NAME`, or with a tag `TAG (NAME) = HEX`. A name that needs it is escaped (see ``NameEscaping``) when lines end
/// in a newline; when they end in a NUL, as with `sha256sum --zero`, names stand as they are.
struct ManifestWriter: Sendable {
  /// The name of the digest, such as `SHA256`, for the tagged form (`--tag`); `nil` for the plain one.
  let tag: String?
  let terminator: RecordTerminator

  init(tag: String? = nil, terminator: RecordTerminator = .newline) {
    self.tag = tag
    self.terminator = terminator
  }

  /// Appends the line of one file, terminator included.
  /// - Parameter digest: The bytes of the digest, not its hexadecimal digits.
  func append(name: [UInt8], digest: [UInt8], to output: inout [UInt8]) {
    let isEscaped = terminator == .newline && NameEscaping.isNeeded(for: name)
    if isEscaped { output.append(NameEscaping.mark) }
    if let tag {
      output += tag.utf8
      output += " (".utf8
      append(name, escaped: isEscaped, to: &output)
      output += ") = ".utf8
      Hexadecimal.append(digest, to: &output)
    } else {
      Hexadecimal.append(digest, to: &output)
      output += "  ".utf8
      append(name, escaped: isEscaped, to: &output)
    }
    output.append(terminator.rawValue)
  }

  private func append(_ name: [UInt8], escaped: Bool, to output: inout [UInt8]) {
    if escaped {
      NameEscaping.append(name, to: &output)
    } else {
      output += name
    }
  }
}
