import FileEngines

/// How the files of a tree are copied.
public struct CopyOptions: Sendable, Hashable {
  /// What to do with an existing file or symbolic link. Directories, FIFOs, sockets and devices are never replaced by
  /// anything else.
  public enum Overwriting: String, Sendable, Hashable, CaseIterable {
    /// Replace it.
    case always
    /// Replace it if its size or its mtime, to the nanosecond, is not the source's; a link if its target differs. For a
    /// file that stays, permissions and owner are set if they differ, and extended attributes if the source was changed
    /// after the target. That is decided by ctime, which no program can set; between two machines the clocks must
    /// agree. The extended attributes of directories are always compared.
    case ifChanged = "if-changed"
    /// Keep it.
    case never
  }

  public var overwriting: Overwriting
  /// The attributes that a copy gets from its source; holes and hard links are kept in any case. Only root can keep
  /// owners: copies by other users belong to them. Without the times `ifChanged` replaces every file.
  public var keeps: FileAttributes.Kinds
  /// The durability of regular files.
  public var durability: Durability
  /// Whether to write nothing, and only report what a copy would do.
  public var isDryRun: Bool
  /// Whether the reducer also gets files that `ifChanged` leaves unchanged. Their sources are read only for that.
  public var readsUnchanged: Bool

  public init(
    overwriting: Overwriting = .ifChanged, keeps: FileAttributes.Kinds = .all, durability: Durability = .none,
    isDryRun: Bool = false, readsUnchanged: Bool = false
  ) {
    (self.overwriting, self.keeps, self.durability) = (overwriting, keeps, durability)
    (self.isDryRun, self.readsUnchanged) = (isDryRun, readsUnchanged)
  }
}

extension FileAttributes {
  /// These attributes as far as they are of the given kinds.
  func keeping(_ kinds: Kinds) -> FileAttributes {
    FileAttributes(
      owner: kinds.contains(.owner) ? owner : nil, permissions: kinds.contains(.permissions) ? permissions : nil,
      times: kinds.contains(.times) ? times : nil, extended: kinds.contains(.extended) ? extended : nil)
  }
}
