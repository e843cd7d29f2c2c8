import CLinuxSystem
import SystemPackage

/// openat2(2) with `RESOLVE_CACHED`.
///
/// - Parameter withinMount: `RESOLVE_NO_XDEV` too.
/// - Returns: a descriptor, or a negated errno; `EAGAIN` if the dentry cache alone cannot resolve the path, that or
///   `EXDEV` if it leads to another mount.
package func openCached(
  _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, withinMount: Bool = false
) -> Int32 {
  linux_open_cached(directory, path, UInt64(flags), withinMount)
}

/// openat2(2) with `RESOLVE_NO_SYMLINKS`: no component of the path is followed if it is a symbolic link.
///
/// - Parameter cached: `RESOLVE_CACHED` too. Without it the call may wait for the disk.
/// - Returns: a descriptor, or a negated errno; `ELOOP` if there is a link on the way, `ENOSYS` or `EPERM` where there
///   is no such system call.
package func openWithoutLinks(
  _ directory: Int32, _ path: UnsafePointer<CChar>, _ flags: Int32, cached: Bool
) -> Int32 {
  linux_open_without_links(directory, path, UInt64(flags), cached)
}

/// eventfd(2): a descriptor that no file system is asked for, so that the call never waits.
///
/// - Returns: a descriptor, or a negated errno.
package func makeEventDescriptor() -> Int32 { linux_eventfd() }
