import FileStages

/// Writes the lines of a checksum manifest, byte for byte as `sha256sum` and its sisters print them (coreutils 9.1).
///
/// `HEX  NAME`, or with a tag `TAG (NAME) = HEX`. A name that needs it is escaped (see ``NameEscaping``).
struct ManifestWriter: Sendable {
  /// Whether lines have the tagged form (`--tag`), which names the algorithm.
  var isTagged = false

  /// Appends the line of one file, newline included.
  func append(name: [UInt8], digest: Digest, to output: inout [UInt8]) {
    let isEscaped = NameEscaping.isNeeded(for: name)
    if isEscaped { output.append(NameEscaping.mark) }
    if isTagged {
      output += "\(digest.algorithm.tag) (".utf8
      append(name, escaped: isEscaped, to: &output)
      output += ") = ".utf8
      digest.appendHexadecimal(to: &output)
    } else {
      digest.appendHexadecimal(to: &output)
      output += "  ".utf8
      append(name, escaped: isEscaped, to: &output)
    }
    output.append(UInt8(ascii: "\n"))
  }

  private func append(_ name: [UInt8], escaped: Bool, to output: inout [UInt8]) {
    if escaped {
      NameEscaping.append(name, to: &output)
    } else {
      output += name
    }
  }
}
