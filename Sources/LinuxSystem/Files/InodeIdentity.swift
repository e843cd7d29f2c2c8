import CLinuxSystem
import SystemPackage

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

  init(_ identity: linux_identity) {
    (device, inode, mode, mount) = (identity.device, identity.inode, identity.mode, identity.mount)
  }
}

/// What an open descriptor leads to; nil if the kernel cannot say. No daemon and no server is asked, but by file
/// systems that ignore `AT_STATX_DONT_SYNC` (9p).
package func identify(_ descriptor: Int32) -> InodeIdentity? {
  var identity = linux_identity()
  return linux_identify(descriptor, &identity) == 0 ? InodeIdentity(identity) : nil
}

/// The same of what a path leads to. The file system may be asked for names, but not for attributes.
///
/// - Parameter flags: those of fstatat(2).
/// - Returns: 0, or a negated errno.
package func identify(
  _ directory: Int32, _ path: UnsafePointer<CChar>, flags: Int32, _ found: inout InodeIdentity
) -> Int32 {
  var identity = linux_identity()
  let result = linux_identify_at(directory, path, flags, &identity)
  found = InodeIdentity(identity)
  return result
}

/// The type of the file system that a file is of, as fstatfs(2) numbers them; nil if that fails.
package func fileSystemType(of file: FileDescriptor) -> UInt64? {
  let type = linux_file_system_type(file.rawValue)
  return type == 0 ? nil : type
}
