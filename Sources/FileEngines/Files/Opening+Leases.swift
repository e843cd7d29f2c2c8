import Glibc
import LinuxSystem
import SystemPackage

extension Opening {
  /// openat(2), which with `O_NONBLOCK` fails with `EAGAIN` where somebody holds a lease on the file (fcntl(2)), as
  /// file servers do. Only a regular file can have one; so that is opened once more and waited for, until the lease is
  /// given back or has run out. In between nothing can take its place: it is named by a descriptor. Blocks.
  ///
  /// - Returns: a descriptor, or a negated errno.
  static func openOutwaitingLease(
    _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, _ mode: mode_t = 0
  ) -> Int32 {
    let result = negatedErrno { openat(directory, path, flags, mode) }
    if result != -EAGAIN { return result }
    let named = negatedErrno { openat(directory, path, pathOnlyFlags | flags & O_NOFOLLOW) }
    if named < 0 { return named }
    defer { close(named) }
    var status = stat()
    guard fstat(named, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return result }
    // What is in /proc is a link; and the file is there.
    let waiting = flags & ~(O_NONBLOCK | O_NOFOLLOW | O_CREAT)
    let opened = negatedErrno { Glibc.open("\(ownDescriptors)/\(named)", waiting) }
    // No /proc.
    return opened == -ENOENT ? result : opened
  }

  /// Where a descriptor can be opened anew, or linked to.
  static let ownDescriptors = "/proc/self/fd"
}
