import Glibc
import Synchronization
import SystemPackage

/// The owner, mode and extended attributes that a new file has in a directory before any are set, learned from the
/// files that were created there. If the first one belongs to this process's user and group, has the permissions that
/// it was created with, and has no extended attributes, the next one need not be asked.
///
/// Only for a directory that this process has created and owns, and only until its attributes are set (``end()``): a
/// set-group-ID bit or a default access control list would be inherited from then on. If a security module labels every
/// file, every file is asked.
final class NewFiles: Sendable {
  /// The bits that files were made with and had: the umask, or a default access control list, would have taken them
  /// away. And ``isPlain``.
  private let state = Atomic<UInt32>(0)
  private static let isPlain: UInt32 = 1 << 31
  private static let isOver: UInt32 = 1 << 30

  /// Notes what a file was found to have that was made with permissions and has been given nothing.
  func learn(_ found: stat, _ permissions: mode_t, hasExtended: Bool) {
    guard !hasExtended, found.st_uid == ProcessRights.user, found.st_gid == ProcessRights.group,
      found.st_mode & 0o7777 == permissions
    else { return }
    state.bitwiseOr(Self.isPlain | UInt32(permissions), ordering: .relaxed)
  }

  /// The directory is about to be given attributes, and with them what files inherit: from now on each is asked.
  func end() {
    state.bitwiseOr(Self.isOver, ordering: .relaxed)
  }

  /// The owner and the mode of a file that is made with permissions, and no times; nil if it must be asked.
  func status(_ permissions: mode_t) -> stat? {
    let state = state.load(ordering: .relaxed)
    guard state & (Self.isPlain | Self.isOver) == Self.isPlain, UInt32(permissions) & ~state == 0 else { return nil }
    var status = stat()
    (status.st_uid, status.st_gid, status.st_mode) = (ProcessRights.user, ProcessRights.group, S_IFREG | permissions)
    return status
  }
}
