import Glibc
import LinuxSystem
import SystemPackage

extension TargetDirectory {
  /// Waits until all that was written to the directory's file system is on the disk, whoever has written it
  /// (syncfs(2)). Blocks.
  package func synchronizeFileSystem() throws(FileError) {
    do throws(Errno) {
      let place = try borrow()
      // The directory's own descriptor is not good for it (`O_PATH`).
      let opened = try DescriptorShortage.opening {
        negatedErrno { openat(place.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
      }
      defer { try? opened.close() }
      try LinuxSystem.synchronizeFileSystem(of: opened)
    } catch {
      throw FileError(FileReference(path: path), .sync, .system(error))
    }
  }
}
