/// The lines for standard error: `millrace: PATH: operation: message`. One failure is one line, whatever the path is.
enum DiagnosticLine {
  static let program = "millrace"

  /// Appends a line about a file.
  /// - Parameters:
  ///   - path: Quoted where needed, as ``QuotedName`` says.
  ///   - operation: What was tried, such as `open`; without it the line is `millrace: PATH: message`.
  static func append(path: [UInt8], operation: String? = nil, message: String, to output: inout [UInt8]) {
    appendPart(program, to: &output)
    QuotedName.append(path, to: &output)
    output += ": ".utf8
    if let operation { appendPart(operation, to: &output) }
    appendEnd(message, to: &output)
  }

  /// Appends a line about the run as a whole.
  static func append(message: String, to output: inout [UInt8]) {
    appendPart(program, to: &output)
    appendEnd(message, to: &output)
  }

  private static func appendPart(_ part: String, to output: inout [UInt8]) {
    QuotedName.appendUnquoted(part, to: &output)
    output += ": ".utf8
  }

  private static func appendEnd(_ message: String, to output: inout [UInt8]) {
    QuotedName.appendUnquoted(message, to: &output)
    output.append(UInt8(ascii: "\n"))
  }
}
