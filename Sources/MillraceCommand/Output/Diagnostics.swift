import FilePipeline
import SystemPackage

/// Standard error.
enum Diagnostics {
  /// One line about the run as a whole.
  static func report(_ message: String) {
    var line: [UInt8] = []
    DiagnosticLine.append(message: message, to: &line)
    write(line)
  }

  /// One line about a file.
  static func report(_ error: FileError) {
    report(path: error.path, operation: error.operation.rawValue, message: error.reason)
  }

  static func report(path: [UInt8], operation: String? = nil, message: String) {
    var line: [UInt8] = []
    DiagnosticLine.append(path: path, operation: operation, message: message, to: &line)
    write(line)
  }

  private static func write(_ line: [UInt8]) {
    ProgressLine.erased { put(line) }
  }

  /// Writes to standard error. There is nowhere to report that this failed.
  static func put(_ bytes: [UInt8]) {
    try? FileDescriptor.standardError.waitAndWriteAll(bytes)
  }
}

/// The lines for standard error: `millrace: PATH: operation: message`. One failure is one line, whatever the path is.
enum DiagnosticLine {
  static let program = "millrace"

  /// Appends a line about a file.
  /// - Parameters:
  ///   - path: quoted where needed: see ``QuotedName``.
  ///   - operation: the operation that failed, such as `open`; without it the line is `millrace: PATH: message`.
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
