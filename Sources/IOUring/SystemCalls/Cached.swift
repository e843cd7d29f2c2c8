import CUring
import Glibc
import SystemPackage

// Calls that answer from the kernel's caches or not at all, and so may be made on a thread that must not block; and one
// that does so if it is asked to.

/// openat2(2) with `RESOLVE_CACHED`.
///
/// - Parameter withinMount: `RESOLVE_NO_XDEV` too.
/// - Returns: a descriptor, or a negated errno; `EAGAIN` if the dentry cache alone cannot resolve the path, that or
///   `EXDEV` if it leads to another mount.
package func openCached(
  _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, withinMount: Bool = false
) -> Int32 {
  curing_open_cached(directory, path, UInt64(flags), withinMount)
}

/// openat2(2) with `RESOLVE_NO_SYMLINKS`: no component of the path is followed if it is a symbolic link.
///
/// - Parameter cached: `RESOLVE_CACHED` too. Without it the call may wait for the disk.
/// - Returns: a descriptor, or a negated errno; `ELOOP` if there is a link on the way, `ENOSYS` or `EPERM` where there
///   is no such system call.
package func openWithoutLinks(
  _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, cached: Bool
) -> Int32 {
  curing_open_without_links(directory, path, UInt64(flags), cached)
}

/// What a read came to that would rather fail than wait.
package enum CachedRead: Equatable {
  /// So many bytes came.
  case bytes(Int)
  /// Not even the first of them is in the page cache, or the call failed.
  case notCached
  /// The file system cannot tell.
  case unknown
}

/// preadv2(2) with `RWF_NOWAIT` into the whole of `buffer`.
package func readCached(_ file: FileDescriptor, into buffer: IOBuffer, at offset: Int64) -> CachedRead {
  let count = buffer.fill { Int(curing_read_cached(file.rawValue, $0, $1, offset)) }
  if count >= 0 { return .bytes(count) }
  return count == -Int(EOPNOTSUPP) ? .unknown : .notCached
}

/// How many bytes of a range of a file lie in pages that the page cache has, counted by cachestat(2); nil where the
/// kernel does not say: before Linux 6.5, and to who neither owns the file nor may write it.
package func cachedByteCount(of file: FileDescriptor, in range: Range<Int64>) -> Int64? {
  let count = curing_count_cached(file.rawValue, range.lowerBound, range.upperBound - range.lowerBound)
  return count < 0 ? nil : count
}

/// What the kernel has in memory of a file.
package struct InodeIdentity: Sendable {
  /// stat(2).
  package var device: UInt64 = 0
  package var inode: UInt64 = 0
  package var mode: UInt32 = 0
  /// As the first field of /proc/self/mountinfo; 0 where the kernel does not say. A mount has its number as long as an
  /// open descriptor is on it.
  package var mount: UInt64 = 0

  package init() {}

  init(_ identity: curing_identity) {
    (device, inode, mode, mount) = (identity.device, identity.inode, identity.mode, identity.mount)
  }
}

/// What an open descriptor leads to; nil if the kernel cannot say. No daemon and no server is asked, but by file
/// systems that ignore `AT_STATX_DONT_SYNC` (9p).
package func identify(_ descriptor: Int32) -> InodeIdentity? {
  var identity = curing_identity()
  return curing_identify(descriptor, &identity) == 0 ? InodeIdentity(identity) : nil
}

/// The same of what a path leads to. The file system may be asked for names, but not for attributes.
///
/// - Parameter flags: those of fstatat(2).
/// - Returns: 0, or a negated errno.
package func identify(
  _ directory: Int32, _ path: UnsafePointer<CChar>, flags: Int32, _ found: inout InodeIdentity
) -> Int32 {
  var identity = curing_identity()
  let result = curing_identify_at(directory, path, flags, &identity)
  found = InodeIdentity(identity)
  return result
}

/// The type of the file system that a file is of, as fstatfs(2) numbers them; nil if that fails.
package func fileSystemType(of file: FileDescriptor) -> UInt64? {
  let type = curing_file_system_type(file.rawValue)
  return type == 0 ? nil : type
}
