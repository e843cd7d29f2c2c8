import CLinuxSystem
import SystemPackage

/// syncfs(2): returns when all that was written to the file system that the file is on has reached the disk. Blocks.
///
/// - Throws: `EIO`, `ENOSPC`, `EDQUOT` if something written to that file system since the file was opened could not be
///   brought there (Linux 5.8 and later).
package func synchronizeFileSystem(of file: FileDescriptor) throws(Errno) {
  let result = retryOnNegatedInterrupt { linux_sync_file_system(file.rawValue) }
  if result < 0 { throw Errno(rawValue: -result) }
}

/// sync_file_range(2) of the whole file with `SYNC_FILE_RANGE_WAIT_BEFORE`: waits for what is on its way to the disk,
/// and says whether any of it has not arrived since the file was opened. Where all is on the disk it waits for nothing.
///
/// - Throws: `EIO`, `ENOSPC`, `EDQUOT`.
package func awaitWriteback(of file: FileDescriptor) throws(Errno) {
  let result = retryOnNegatedInterrupt { linux_await_writeback(file.rawValue) }
  if result < 0 { throw Errno(rawValue: -result) }
}
