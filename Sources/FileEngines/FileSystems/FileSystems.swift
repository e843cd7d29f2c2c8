import LinuxSystem
import Synchronization
import SystemPackage

/// What kind of file system a mount shows, in this process.
///
/// Asked with a descriptor that is open on the mount, the answer is exact: as long as it is open the kernel gives the
/// mount's number to no other, and after it was opened the kernel is asked whether the mount table has changed since it
/// was read. A device's number would not do: it is another file system's as soon as its own is unmounted, and what
/// btrfs and overlayfs number so is in no table.
///
/// A directory that a walk has listed asks once, and files that are in one cost nothing. A path that is given asks for
/// each file: one poll(2), 0.4 µs.
package enum FileSystems {
  private static let table = Mutex(MountTable())

  private static func withTable<R>(_ body: (inout MountTable) -> R) -> R {
    // It polls descriptors, and so takes the lock.
    DescriptorReserve.prepare()
    return table.withLock { body(&$0) }
  }

  /// Calls `body`, which polls descriptors, with the one that it must leave out: a poll would take the news of a
  /// change.
  static func withPolledDescriptor<R>(_ body: (Int32?) -> R) -> R {
    table.withLock { body($0.descriptor) }
  }

  /// Of a mount, as far as can be told without asking the file system, which may never answer: for threads that must
  /// not wait.
  ///
  /// - Parameter mount: of a descriptor that is open.
  /// - Returns: nil for a mount of another mount namespace, or one that has been detached, and without /proc.
  static func kind(ofMount mount: UInt64) -> FileSystemKind? {
    withTable { table in
      table.update()
      return table.kind(of: mount)
    }
  }

  /// Whether a file of which nothing is known may be of a daemon or a server: for threads that must not wait.
  static var isAnySlow: Bool {
    withTable { table in
      table.update()
      return table.isAnySlow
    }
  }

  /// As ``kind(ofMount:)``, but for sure. May ask the file system, and so block: fstatfs(2) is answered by its daemon
  /// or server.
  ///
  /// - Parameters:
  ///   - descriptor: of any file or directory of the file system, `O_PATH` included.
  ///   - found: what ``identify(_:)`` says of it.
  package static func kind(of descriptor: FileDescriptor, _ found: InodeIdentity?) -> FileSystemKind {
    if let found, let known = kind(ofMount: found.mount) { return known }
    return FileSystemKind(type: fileSystemType(of: descriptor))
  }
}
