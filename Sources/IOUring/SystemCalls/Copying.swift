import CUring
import SystemPackage

// Copying within the kernel. The calls block on the disk.

/// `FICLONE` of ioctl_ficlonerange(2): the target, which is empty, shares the source's blocks.
///
/// - Returns: false where it cannot: on most file systems, and between two.
package func cloneFile(from source: FileDescriptor, to target: FileDescriptor) -> Bool {
  curing_clone_file(source.rawValue, target.rawValue) == 0
}

/// copy_file_range(2), from and to the same offset in bytes.
///
/// - Returns: how many bytes were copied, 0 at the end of the source or where it has no size, or a negated errno.
package func copyRange(from source: FileDescriptor, to target: FileDescriptor, at offset: Int64, _ count: Int) -> Int {
  Int(curing_copy_range(source.rawValue, target.rawValue, offset, count))
}
