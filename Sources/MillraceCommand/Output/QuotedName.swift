/// File names in messages and tables: on one line, without effect on a terminal, and unambiguous.
///
/// Most names are printed verbatim. A name that could be misread is put in single quotes: if it is empty, starts or
/// ends with a space, starts with a quote, or contains a colon where a message separates its parts. A name with bytes
/// that are not UTF-8, or with control or invisible formatting characters, is put in the shell's `$'…'` with these as
/// `\n`, `\t` or octal bytes such as `\033`. Either form can be pasted into a shell.
enum QuotedName {
  private static let quote = UInt8(ascii: "'")

  static func append(_ name: [UInt8], to output: inout [UInt8]) {
    let isMisleading = isMisleading(name)
    if !isVisible(name) || (isMisleading && name.contains(quote)) {
      output += "$'".utf8
      appendEscaped(name, to: &output)
      output.append(quote)
    } else if isMisleading {
      output.append(quote)
      output += name
      output.append(quote)
    } else {
      output += name
    }
  }

  /// The quoted name as text.
  static func text(_ name: [UInt8]) -> String {
    var output: [UInt8] = []
    append(name, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends text other than a name, such as a message: without quotes, on one line and without effect on a terminal.
  static func appendUnquoted(_ text: String, to output: inout [UInt8]) {
    for scalar in text.unicodeScalars { append(scalar, to: &output) }
  }

  /// Whether a name of visible characters could be taken for something else.
  private static func isMisleading(_ name: [UInt8]) -> Bool {
    guard let first = name.first, let last = name.last else { return true }
    let space = UInt8(ascii: " ")
    let colon = UInt8(ascii: ":")
    if first == space || last == space || last == colon { return true }
    if first == quote || name.starts(with: "$'".utf8) { return true }
    return zip(name, name.dropFirst()).contains { $0 == (colon, space) }
  }

  private static func isVisible(_ name: [UInt8]) -> Bool {
    var isVisible = true
    UTF8Piece.forEach(in: name) { piece in
      if case .scalar(let scalar) = piece, Self.isVisible(scalar) { return }
      isVisible = false
    }
    return isVisible
  }

  /// Format characters are invisible too, and some reverse the direction of text: `gpj.exe` can look like `exe.jpg`.
  private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: return false
    default: return true
    }
  }

  private static func appendEscaped(_ name: [UInt8], to output: inout [UInt8]) {
    UTF8Piece.forEach(in: name) { piece in
      switch piece {
      case .invalid(let byte): appendOctal(byte, to: &output)
      case .scalar("\n"): output += "\\n".utf8
      case .scalar("\r"): output += "\\r".utf8
      case .scalar("\t"): output += "\\t".utf8
      case .scalar("\\"): output += "\\\\".utf8
      case .scalar("'"): output += "\\'".utf8
      case .scalar(let scalar): append(scalar, to: &output)
      }
    }
  }

  private static func append(_ scalar: Unicode.Scalar, to output: inout [UInt8]) {
    for byte in UTF8.encode(scalar)! {
      if isVisible(scalar) { output.append(byte) } else { appendOctal(byte, to: &output) }
    }
  }

  /// Always three digits, so that a following digit of the name is not taken for a part of the number. (POSIX does not
  /// define how many digits follow `\x`.)
  private static func appendOctal(_ byte: UInt8, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\\"))
    for shift in [6, 3, 0] as [UInt8] { output.append(UInt8(ascii: "0") + (byte >> shift & 7)) }
  }
}
