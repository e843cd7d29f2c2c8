import Glibc
import IOUring
import SystemPackage

/// What a file has beside its contents, as far as a copy is to have it. What is nil stays as it is.
public struct FileAttributes: Sendable, Hashable {
  /// User and group, by their numbers.
  public struct Owner: Sendable, Hashable {
    public var user: UInt32
    public var group: UInt32

    public init(user: UInt32, group: UInt32) {
      (self.user, self.group) = (user, group)
    }
  }

  /// Since 1970-01-01 UTC, to the nanosecond.
  public struct Times: Sendable, Hashable {
    public var accessed: Duration
    public var modified: Duration

    public init(accessed: Duration, modified: Duration) {
      (self.accessed, self.modified) = (accessed, modified)
    }
  }

  /// An extended attribute, xattr(7).
  public struct Extended: Sendable, Hashable {
    /// With a NUL behind it.
    let name: [CChar]
    let value: [UInt8]
  }

  /// Only root gives files away: for others a file stays theirs, and loses the set-user-ID and set-group-ID bits. So it
  /// does where root is refused it, if ``refusals`` are noted.
  public var owner: Owner?
  /// The set-user-ID, set-group-ID and sticky bits included.
  public var permissions: FilePermissions?
  public var times: Times?
  /// All that it has. What the target's file system does not take is left out; others that the target has (from its
  /// directory, or from before) are removed, but for those that are the kernel's own. Where an access control list is
  /// left out the file's group gets what the list says of it: the permissions' bits are the list's mask.
  public var extended: [Extended]?
  /// Where it is noted that the kernel refuses some of them. Nil if that is a failure.
  package var refusals: AttributeRefusals?

  public init(
    owner: Owner? = nil, permissions: FilePermissions? = nil, times: Times? = nil, extended: [Extended]? = nil
  ) {
    (self.owner, self.permissions, self.times, self.extended) = (owner, permissions, times, extended)
  }

  /// Those that fstat(2) has told of.
  init(_ status: stat) {
    owner = Owner(user: status.st_uid, group: status.st_gid)
    permissions = FilePermissions(rawValue: status.st_mode & 0o7777)
    times = Times(accessed: Duration(status.st_atim), modified: Duration(status.st_mtim))
  }

  /// Those of a file that statx(2) has told of.
  public init(_ status: FileStatus) {
    owner = Owner(user: status.owner, group: status.group)
    permissions = status.permissions
    times = Times(accessed: status.accessed, modified: status.modified)
  }
}

extension Duration {
  /// Since 1970.
  fileprivate init(_ time: timespec) {
    self = .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
