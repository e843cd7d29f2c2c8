import CUring
import SystemPackage

// Calls that answer from the kernel's caches or not at all, and so may be made on a thread that must not block; and one
// that does so if it is asked to.

/// openat2(2) with `RESOLVE_CACHED`.
///
/// - Returns: a descriptor, or a negated errno; `EAGAIN` if the dentry cache alone cannot resolve the path.
package func openCached(_ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32) -> Int32 {
  curing_open_cached(directory, path, UInt64(flags))
}

/// openat2(2) with `RESOLVE_NO_SYMLINKS`: no component of the path is followed if it is a symbolic link.
///
/// - Parameter cached: `RESOLVE_CACHED` too. Without it the call may wait for the disk.
/// - Returns: a descriptor, or a negated errno; `ELOOP` if there is a link on the way, `ENOSYS` or `EPERM` where there is no
///   such system call.
package func openWithoutLinks(
  _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, cached: Bool
) -> Int32 {
  curing_open_without_links(directory, path, UInt64(flags), cached)
}

/// preadv2(2) with `RWF_NOWAIT` into the whole of `buffer`.
///
/// - Returns: how many bytes came, or nil if not even the first of them is in the page cache, or the call failed.
package func readCached(_ file: FileDescriptor, into buffer: IOBuffer, at offset: Int64) -> Int? {
  let count = curing_read_cached(file.rawValue, buffer.base, buffer.capacity, offset)
  return count < 0 ? nil : Int(count)
}
