import LinuxSystem

/// How much of a large file the page cache has ahead of where it is read.
///
/// Whoever reads what is cached has the kernel read on behind it, into the cache, at the speed of the disk. A reader
/// that is no faster (it computes checksums, say) would never come to the end of what is cached, and all of the file
/// would go through the cache and be copied out of it, because a little of it was there.
enum CachedShare {
  /// Bytes that are looked at together, each time that so many have been read. More than the kernel reads ahead (128
  /// KiB to a few MiB), and counting 4,096 pages takes a hundredth of the time that copying them does.
  static let survey: Int64 = 16 << 20

  /// Whether at least half of what comes next is cached; true where nobody can tell.
  ///
  /// - Parameter offset: where something has been read from the cache. If the kernel counts none of it the file system
  ///   keeps it elsewhere, as an overlayfs does.
  static func isWorthwhile(_ file: borrowing OpenFile, from offset: Int64) -> Bool {
    // A file that has grown since it was opened may be read beyond the size that it had.
    let end = min(file.size, offset + survey)
    guard offset < end, let cached = cachedByteCount(of: file.descriptor, in: offset..<end) else { return true }
    return cached == 0 || cached >= (end - offset) / 2
  }
}
