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

  /// There is nowhere to report that standard error cannot be written to.
  static func write(_ bytes: [UInt8]) {
    try? FileDescriptor.standardError.waitAndWriteAll(bytes)
  }
}
