import CLinuxSystem
import Glibc
import SystemPackage

/// What a read came to that would rather fail than wait.
package enum CachedRead: Equatable {
  /// So many bytes came.
  case bytes(Int)
  /// Not even the first of them is in the page cache, or the call failed.
  case notCached
  /// The file system cannot tell.
  case unknown
}

/// preadv2(2) with `RWF_NOWAIT` into the whole of `memory`.
///
/// - Returns: how many bytes came, or a negated errno.
package func readCached(_ file: FileDescriptor, into memory: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
  Int(linux_read_cached(file.rawValue, memory.baseAddress, memory.count, offset))
}

extension CachedRead {
  /// - Parameter result: of ``readCached(_:into:at:)``.
  package init(result: Int) {
    self = result >= 0 ? .bytes(result) : result == -Int(EOPNOTSUPP) ? .unknown : .notCached
  }
}

/// How many bytes of a range of a file lie in pages that the page cache has, counted by cachestat(2); nil where the
/// kernel does not say: before Linux 6.5, and to who neither owns the file nor may write it.
package func cachedByteCount(of file: FileDescriptor, in range: Range<Int64>) -> Int64? {
  let count = linux_count_cached(file.rawValue, range.lowerBound, range.upperBound - range.lowerBound)
  return count < 0 ? nil : count
}
