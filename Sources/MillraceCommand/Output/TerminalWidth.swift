import Glibc
import SystemPackage

enum TerminalWidth {
  /// How many characters fit into a line now: the window may change. Nil for what is no terminal, and for one that does
  /// not know.
  static func columns(of descriptor: FileDescriptor) -> Int? {
    var size = winsize()
    // The pointer is for the system call alone, which fills the structure.
    guard ioctl(descriptor.rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
