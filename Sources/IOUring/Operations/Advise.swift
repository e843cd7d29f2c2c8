import CUring
import Glibc
import SystemPackage

/// How a range of a file is going to be used (posix_fadvise(2)).
public enum FileAdvice: Sendable, Hashable, CaseIterable {
  /// Nothing is known: the default amount of read-ahead.
  case normal
  /// In no order: no read-ahead.
  case random
  /// From front to back: more read-ahead.
  case sequential
  /// Soon: the kernel begins to read it into the page cache, as far as it sees fit.
  case willNeed
  /// Not soon: the kernel drops its clean, whole pages from the page cache. Dirty ones stay; see
  /// ``SubmissionEntry/syncFileRange(_:offset:count:_:)``.
  case dontNeed
  /// Once only. Linux 6.3 does not count such accesses when it chooses what to drop; older kernels ignore it.
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

extension SubmissionEntry {
  /// posix_fadvise(2) for `count` bytes from `offset`; a `count` of 0 is "to the end of the file". Completes with 0.
  /// Advice changes nothing that a program can read.
  ///
  /// Errors: `EBADF`; `EINVAL` for a negative count, or for one of 4 GiB or more on a kernel older than Linux 6.11;
  /// `ESPIPE` for a pipe.
  ///
  /// `normal`, `random` and `sequential` are done inline; the rest the kernel hands to one of the ring's worker
  /// threads.
  public static func fadvise(
    _ file: FileDescriptor, _ advice: FileAdvice, offset: Int64 = 0, count: Int64 = 0
  ) -> SubmissionEntry {
    // Every kernel takes a length of 32 bits; a longer one has a place of its own, since Linux 6.11.
    let short = UInt32(exactly: count)
    return SubmissionEntry(
      CURING_OP_FADVISE, descriptor: file.rawValue, address: short == nil ? UInt64(bitPattern: count) : 0,
      length: short ?? 0, offset: UInt64(bitPattern: offset), flags: UInt32(advice.number))
  }
}
