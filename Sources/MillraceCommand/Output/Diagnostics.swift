import FilePipeline
import Synchronization
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

  // MARK: Progress

  /// Goes to the start of the line and erases it (ECMA-48, EL).
  private static let erasure = Array("\r\u{1B}[K".utf8)

  /// Whether the terminal's last line shows progress. Whatever is printed next takes its place.
  private static let showsProgress = Mutex(false)

  /// Draws the line anew.
  ///
  /// - Parameter text: ASCII, so that a character takes a column. What would not fit is cut off: of a line that has
  ///   gone on to the next one only that is erased. The last column stays empty, since many terminals go on when it is
  ///   written to.
  static func showProgress(_ text: String) {
    let columns = TerminalWidth.columns(of: .standardError) ?? .max
    showsProgress.withLock { isShown in
      put(erasure + text.utf8.prefix(max(0, columns - 1)))
      isShown = true
    }
  }

  /// Erases the progress, and lets none be shown while `body` prints something.
  static func withoutProgress<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    try showsProgress.withLock { isShown throws(Failure) in
      if isShown { put(erasure) }
      isShown = false
      try body()
    }
  }

  private static func write(_ line: [UInt8]) {
    withoutProgress { put(line) }
  }

  /// There is nowhere to report that standard error cannot be written to.
  private static func put(_ bytes: [UInt8]) {
    try? FileDescriptor.standardError.waitAndWriteAll(bytes)
  }
}
