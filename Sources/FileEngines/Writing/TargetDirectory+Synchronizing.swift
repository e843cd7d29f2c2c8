import Glibc
import IOUring
import SystemPackage

extension TargetDirectory {
  /// Waits until all that was written to the directory's file system is on the disk, whoever has written it (syncfs(2)).
  /// Blocks.
  package func synchronizeFileSystem() throws(FileError) {
    try withOpened(".", O_RDONLY | O_DIRECTORY, directoryReference) { file throws(FileError) in
      let result = IOUring.synchronizeFileSystem(of: file)
      if result < 0 { throw FileError(directoryReference, .sync, .system(Errno(rawValue: -result))) }
    }
  }
}
