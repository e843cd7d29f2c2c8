import Glibc
import LinuxSystem
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
    var access: FileTime
    var modification: FileTime

    public init(accessed: Duration, modified: Duration) {
      (access, modification) = (FileTime(accessed), FileTime(modified))
    }

    init(access: FileTime, modification: FileTime) {
      (self.access, self.modification) = (access, modification)
    }

    public var accessed: Duration {
      get { access.duration }
      set { access = FileTime(newValue) }
    }

    public var modified: Duration {
      get { modification.duration }
      set { modification = FileTime(newValue) }
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
    times = Times(access: FileTime(status.st_atim), modification: FileTime(status.st_mtim))
  }

  /// Those of a file that statx(2) has told of.
  public init(_ status: FileStatus) {
    owner = Owner(user: status.owner, group: status.group)
    permissions = status.permissions
    times = Times(access: status.times.access, modification: status.times.modification)
  }
}
