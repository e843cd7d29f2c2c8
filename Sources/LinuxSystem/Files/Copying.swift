import CLinuxSystem
import Glibc
import SystemPackage

// Copying within the kernel. The calls block on the disk.

/// `FICLONE` of ioctl_ficlonerange(2): the target, which is empty, shares the source's blocks.
///
/// - Returns: false where it cannot: on most file systems, and between two.
package func cloneFile(from source: FileDescriptor, to target: FileDescriptor) -> Bool {
  linux_clone_file(source.rawValue, target.rawValue) == 0
}

/// copy_file_range(2), from and to the same offset in bytes.
///
/// - Returns: how many bytes were copied, 0 at the end of the source or where it has no size, or a negated errno.
package func copyRange(from source: FileDescriptor, to target: FileDescriptor, at offset: Int64, _ count: Int) -> Int {
  Int(linux_copy_range(source.rawValue, target.rawValue, offset, count))
}

/// What a sparse file consists of; `SEEK_DATA` and `SEEK_HOLE` of lseek(2), which the C library shows only to those who
/// ask for GNU's extensions.
package enum Extent: Int32 {
  case data = 3
  case hole = 4
}

/// The first offset in bytes, from `offset` on, that is of an extent. The end of the file is a hole. Moves the file's
/// own offset.
///
/// - Throws: `ENXIO` if there are no data from `offset` on, or the end is before it; `EINVAL` where the file system
///   cannot tell.
package func seek(_ extent: Extent, in file: FileDescriptor, from offset: Int64) throws(Errno) -> Int64 {
  let found = lseek(file.rawValue, off_t(offset), extent.rawValue)
  if found < 0 { throw Errno(rawValue: errno) }
  return Int64(found)
}
