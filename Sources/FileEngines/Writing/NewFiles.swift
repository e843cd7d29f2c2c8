import Glibc
import Synchronization
import SystemPackage

/// What files that are made in a directory have before they are given anything, as those that were made there have
/// shown: this process's user and group, the permissions that they were made with, and no extended attributes. Then the
/// next one need not be asked.
///
/// For a directory that this process has made and owns: nothing is inherited in it but what it has inherited itself,
/// until it is given attributes (``end()``), or somebody else with its owner's rights gives it some. Where a security
/// module labels each file all of them are asked.
final class NewFiles: Sendable {
  /// The bits that files were made with and had: the umask, or a default access control list, would have taken them
  /// away. And ``isPlain``.
  private let state = Atomic<UInt32>(0)
  private static let isPlain: UInt32 = 1 << 31
  private static let isOver: UInt32 = 1 << 30

  /// Notes what a file was found to have that was made with permissions and has been given nothing.
  func learn(_ found: stat, _ permissions: mode_t, hasExtended: Bool) {
    guard !hasExtended, found.st_uid == geteuid(), found.st_gid == getegid(), found.st_mode & 0o7777 == permissions
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
    (status.st_uid, status.st_gid, status.st_mode) = (geteuid(), getegid(), S_IFREG | permissions)
    return status
  }
}
