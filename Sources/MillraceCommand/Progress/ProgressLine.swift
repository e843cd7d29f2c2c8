import Glibc
import Synchronization

/// The line of a terminal that shows progress. It is the last one on standard error until something else is printed.
enum ProgressLine {
  /// Moves the cursor to the start of the line and erases it (ECMA-48, EL).
  private static let erasure = Array("\r\u{1B}[K".utf8)

  /// Whether the line is on the terminal. What is printed next takes its place.
  private static let isShown = Mutex(false)

  /// Draws the line anew.
  ///
  /// - Parameter text: ASCII, so that a character takes a column. It is cut off at the width of the terminal: of a line
  ///   that wraps, only the last row could be erased. The last column stays empty, since many terminals wrap once it is
  ///   written to.
  static func draw(_ text: String) {
    let columns = terminalWidth ?? .max
    isShown.withLock { isShown in
      Diagnostics.put(erasure + text.utf8.prefix(max(0, columns - 1)))
      isShown = true
    }
  }

  /// Erases the line, and keeps it from being drawn while `body` prints something.
  static func erased<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    try isShown.withLock { isShown throws(Failure) in
      if isShown { Diagnostics.put(erasure) }
      isShown = false
      try body()
    }
  }

  /// The columns of the terminal on standard error, which change with its window; nil if they are not known.
  private static var terminalWidth: Int? {
    var size = winsize()
    // The pointer is used by the system call alone, which fills the structure.
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
