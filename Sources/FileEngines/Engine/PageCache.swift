import Glibc

enum PageCache {
  /// `O_DIRECT` of open(2), which the C library shows only to those who ask for GNU's extensions. It differs by
  /// architecture.
  #if arch(arm64) || arch(arm)
  static let directFlag: Int32 = 0o200000
  #else
  static let directFlag: Int32 = 0o40000
  #endif

  /// Lets go of the file's pages, but those that have not been written to the disk yet.
  static func drop(_ descriptor: Int32) {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }
}
