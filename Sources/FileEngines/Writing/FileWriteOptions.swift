import SystemPackage

/// What a power failure may take of a file that was written.
public enum Durability: Sendable, Hashable, CaseIterable {
  /// The kernel writes to the disk when it likes. After a power failure the target may be the old file or the new one,
  /// and on some file systems an empty one.
  case none
  /// The contents are on the disk before the file gets its name, by one call for many files of a target tree:
  /// syncfs(2), which waits for all that any process has written to the file system. A pipeline writes further files
  /// meanwhile, which the next call is for; it holds each file open until it has its name, and thousands of them at
  /// once where the limit on open descriptors allows (an eighth of it at the most waits, and as many are being
  /// synchronized). Where results are taken slowly, up to a thousand complete files wait for their names. A file that
  /// is not written whole from a buffer, or that a daemon or a server stores, is synchronized by itself, as with
  /// ``file``; so is each in the engine that writes one file after another.
  case batch
  /// The contents are on the disk before the file gets its name (fsync(2)): the old file or the new one, whole.
  case file
  /// The name is, too, when the call returns.
  case fileAndDirectory
}

/// How a whole file is written.
public struct FileWriteOptions: Sendable, Hashable {
  public enum Permissions: Sendable, Hashable {
    /// Read, write and execute as the file that is replaced had them; a new file has what the process's umask leaves of
    /// 0666.
    case kept
    /// Just these, whatever the umask.
    case exactly(FilePermissions)
  }

  /// The owner is always who writes, and access control lists and extended attributes of a file that is replaced are
  /// lost.
  public var permissions: Permissions
  /// Whether a file, or a symbolic link, that has the name already is replaced; else the call fails with `EEXIST`.
  public var replacesExisting: Bool
  public var durability: Durability
  /// What the file gets before its name. The permissions among them take the place of ``permissions``.
  public var attributes: FileAttributes?
  /// Whether the temporary file is to have a hidden name even where it needs none: for tests of what other file systems
  /// get.
  package var needsHiddenName = false

  public init(permissions: Permissions = .kept, replacesExisting: Bool = true, durability: Durability = .none) {
    self.permissions = permissions
    self.replacesExisting = replacesExisting
    self.durability = durability
  }
}

/// How a file is copied.
public struct FileCopyOptions: Sendable, Hashable {
  /// Whether the copy gets the owner, the group and the set-user-ID, set-group-ID and sticky bits, too. Giving a file
  /// away is root's right: for others the copy fails with `EPERM`.
  public var preservesOwnership: Bool
  /// Whether a file, or a symbolic link, that has the name already is replaced; else the call fails with `EEXIST`.
  public var replacesExisting: Bool
  public var durability: Durability
  /// What the copy gets before its name, in place of the source's permissions, times and owner.
  public var attributes: FileAttributes?
  /// Is told of each piece that was copied.
  public var progress: FileCopyProgress?
  /// As in ``FileWriteOptions``.
  package var needsHiddenName = false

  public init(
    preservesOwnership: Bool = false, replacesExisting: Bool = true, durability: Durability = .none,
    attributes: FileAttributes? = nil
  ) {
    self.preservesOwnership = preservesOwnership
    self.replacesExisting = replacesExisting
    self.durability = durability
    self.attributes = attributes
  }
}

/// Is told how a copy gets on. Two are equal if they are the same object.
public final class FileCopyProgress: Sendable, Hashable {
  private let body: @Sendable (Int64) -> Void

  /// - Parameter body: gets how many bytes were copied since its last call. It is called between two pieces, on a
  ///   thread of the engine's or the task's.
  public init(_ body: @escaping @Sendable (Int64) -> Void) {
    self.body = body
  }

  func add(_ count: Int64) {
    if count > 0 { body(count) }
  }

  public static func == (a: FileCopyProgress, b: FileCopyProgress) -> Bool { a === b }

  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
