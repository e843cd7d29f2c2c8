import Glibc

enum StandardStreams {
  /// Occupies the descriptors of standard streams that were closed when the program was started. Otherwise the next
  /// file to be opened would get such a number, and results might be written to an event descriptor of a ring.
  ///
  /// Each is opened for the opposite direction, so that using it fails as it does for a closed stream.
  static func occupyClosed() {
    for (descriptor, flags) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)] {
      // open(2) returns the lowest free number: the closed one, since all below it are occupied.
      if fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", flags) < 0 { occupyByPipe(descriptor, flags) }
    }
  }

  /// Without /dev/null, as in a bare chroot: one end of a pipe whose other end is closed.
  private static func occupyByPipe(_ descriptor: Int32, _ flags: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    // The read end has the lower number, which is the wanted one.
    if flags == O_WRONLY { dup2(ends[1], descriptor) }
    _ = close(ends[1])
  }
}
