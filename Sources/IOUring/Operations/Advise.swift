import CUring
import Glibc
import SystemPackage

/// The expected use of a range of a file (posix_fadvise(2)).
public enum FileAdvice: Sendable, Hashable, CaseIterable {
  /// No expectation: the default amount of read-ahead.
  case normal
  /// Random access: no read-ahead.
  case random
  /// From the start to the end: more read-ahead.
  case sequential
  /// Soon: the kernel begins to read it into the page cache, possibly in part.
  case willNeed
  /// Not soon: the kernel drops whole clean pages from the page cache. Dirty pages stay; see
  /// ``RingOperation/syncFileRange(_:offset:count:_:)``.
  case dontNeed
  /// Once only. Since Linux 6.3 such accesses do not count when the kernel chooses pages to drop; older kernels ignore
  /// it.
  case noReuse

  fileprivate var number: Int32 {
    switch self {
    case .normal: POSIX_FADV_NORMAL
    case .random: POSIX_FADV_RANDOM
    case .sequential: POSIX_FADV_SEQUENTIAL
    case .willNeed: POSIX_FADV_WILLNEED
    case .dontNeed: POSIX_FADV_DONTNEED
    case .noReuse: POSIX_FADV_NOREUSE
    }
  }
}

extension RingOperation<Void> {
  /// posix_fadvise(2) for `count` bytes from `offset`; a `count` of 0 means to the end of the file. Completes with 0.
  /// Advice does not change the contents.
  ///
  /// Errors: `EBADF`; `EINVAL` for a negative count, or for one of 4 GiB or more on a kernel older than Linux 6.11;
  /// `ESPIPE` for a pipe.
  ///
  /// `normal`, `random` and `sequential` are performed inline; the others by one of the ring's worker threads.
  public static func fadvise(
    _ file: FileDescriptor, _ advice: FileAdvice, offset: Int64 = 0, count: Int64 = 0
  ) -> RingOperation {
    // Every kernel takes a length of 32 bits; since Linux 6.11 a longer one has a field of its own.
    let short = UInt32(exactly: count)
    return RingOperation(
      SubmissionEntry(
        CURING_OP_FADVISE, descriptor: file.rawValue, address: short == nil ? UInt64(bitPattern: count) : 0,
        length: short ?? 0, offset: UInt64(bitPattern: offset), flags: UInt32(advice.number)))
  }
}
