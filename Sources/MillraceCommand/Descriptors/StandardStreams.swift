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
      if fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", flags) < 0 { occupyByPipe(descriptor, flags) }
    }
  }

  /// Where there is no /dev/null, as in a bare chroot: an end of a pipe whose other end is closed.
  private static func occupyByPipe(_ descriptor: Int32, _ flags: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    // The lower of them has the number already: the end to read from.
    if flags == O_WRONLY { dup2(ends[1], descriptor) }
    _ = close(ends[1])
  }
}
