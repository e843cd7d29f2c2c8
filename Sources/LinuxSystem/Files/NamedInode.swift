import CLinuxSystem
import Glibc
import SystemPackage

/// What a descriptor only names (`O_PATH`): the inode that its name led to when it was opened, whatever has the name
/// now. A symbolic link has one too, and no special file is opened by it. The calls may wait for the disk, and answer 0
/// or a negated errno.
package struct NamedInode {
  private let descriptor: Int32

  package init(_ descriptor: FileDescriptor) {
    self.descriptor = descriptor.rawValue
  }

  /// chmod(2).
  package func setMode(_ mode: mode_t) -> Int32 {
    retryOnNegatedInterrupt { linux_change_mode(descriptor, mode) }
  }

  /// chown(2); a number of all ones leaves what it stands for as it is.
  package func setOwner(_ user: uid_t, _ group: gid_t) -> Int32 {
    retryOnNegatedInterrupt { linux_change_owner(descriptor, user, group) }
  }

  /// utimensat(2).
  ///
  /// - Parameter times: of the last access and the last change.
  package func setTimes(_ times: [timespec]) -> Int32 {
    retryOnNegatedInterrupt { linux_change_times(descriptor, times) }
  }
}
