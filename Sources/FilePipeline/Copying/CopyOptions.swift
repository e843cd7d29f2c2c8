import FileEngines

/// How the files of a tree are copied.
public struct CopyOptions: Sendable, Hashable {
  /// What becomes of a file, or a symbolic link, that is there already. A directory is never replaced by anything else,
  /// nor is a FIFO, a socket or a device.
  public enum Overwriting: String, Sendable, Hashable, CaseIterable {
    /// It is replaced.
    case always
    /// It is replaced if its size, or the time of its last change to the nanosecond, is not the source's; a link if it
    /// leads elsewhere. Permissions and owner of one that stays are set if they differ, and so are extended attributes
    /// if something of the source was changed after the target's last change (by their ctimes, which no program can
    /// set; clocks of two machines must agree for that). Those of directories are always compared.
    case ifChanged = "if-changed"
    /// It stays as it is.
    case never
  }

  /// What a copy has of its source beside the contents. Holes are kept in any case.
  public struct Kept: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
      self.rawValue = rawValue
    }

    /// The set-user-ID, set-group-ID and sticky bits included.
    public static let permissions = Kept(rawValue: 1 << 0)
    /// To the nanosecond. Without them `ifChanged` finds everything changed.
    public static let times = Kept(rawValue: 1 << 1)
    /// User and group. Only root gives files away; for others the files stay theirs.
    public static let owners = Kept(rawValue: 1 << 2)
    /// Extended attributes and access control lists, as far as the target's file system has them. Others that a target
    /// has from before are removed.
    public static let extendedAttributes = Kept(rawValue: 1 << 3)
    /// Names of one file become names of one copy.
    public static let hardLinks = Kept(rawValue: 1 << 4)
    public static let all: Kept = [.permissions, .times, .owners, .extendedAttributes, .hardLinks]
  }

  public var overwriting: Overwriting
  public var keeps: Kept
  /// Of regular files.
  public var durability: Durability
  /// Whether nothing is written: the results tell what would be.
  public var isDryRun: Bool
  /// Whether a reducer gets those files too that `ifChanged` leaves as they are: their sources are read for it alone.
  public var readsUnchanged: Bool

  public init(
    overwriting: Overwriting = .ifChanged, keeps: Kept = .all, durability: Durability = .none, isDryRun: Bool = false,
    readsUnchanged: Bool = false
  ) {
    (self.overwriting, self.keeps, self.durability, self.isDryRun) = (overwriting, keeps, durability, isDryRun)
    self.readsUnchanged = readsUnchanged
  }
}

extension FileAttributes {
  /// Those that a copy keeps.
  func keeping(_ kept: CopyOptions.Kept) -> FileAttributes {
    FileAttributes(
      owner: kept.contains(.owners) ? owner : nil, permissions: kept.contains(.permissions) ? permissions : nil,
      times: kept.contains(.times) ? times : nil, extended: kept.contains(.extendedAttributes) ? extended : nil)
  }
}
