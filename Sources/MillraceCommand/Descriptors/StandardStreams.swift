import Glibc

enum StandardStreams {
  /// Takes the numbers of standard streams that were closed before the program began. The next file to be opened would
  /// get them otherwise, and results be written to an event descriptor of a ring.
  ///
  /// What takes a number allows the opposite of what the stream is for, so that its use fails as that of a closed one
  /// does.
  static func occupyClosed() {
    for (descriptor, flags) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)] {
      // The lowest free number is the one that was found closed, since those below it are taken.
      if fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", flags) }
    }
  }
}
