import Glibc
import SystemPackage

/// What the kernel remembers of files: page, dentry and inode caches.
package enum KernelCaches {
  /// proc_sys_vm(5)
  package static let control = "/proc/sys/vm/drop_caches"

  /// Whether this process may empty them, which root may.
  package static var canBeEmptied: Bool { access(control, W_OK) == 0 }

  /// Empties them. Dirty pages cannot be dropped: they are written to the disk first.
  ///
  /// - Throws: what open(2) or write(2) of ``control`` says.
  package static func empty() throws(Errno) {
    sync()
    do {
      let file = try FileDescriptor.open(control, .writeOnly)
      defer { try? file.close() }
      // Pages, dentries and inodes.
      try file.writeAll("3".utf8)
    } catch {
      throw error as? Errno ?? .ioError
    }
  }
}
