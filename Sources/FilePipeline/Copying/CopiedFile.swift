import FileEngines
import SystemPackage

/// What a copy has made of an entry.
public struct CopiedFile<Output: Sendable>: Sendable {
  public enum Action: Sendable, Hashable {
    /// It was made, or replaced what was there.
    case written
    /// It is a further name of a file that was copied before, or at the same time.
    case linked
    /// Its contents were right; permissions, owner or times were set.
    case updated
    /// It is as it was.
    case unchanged
  }

  /// Where it is: the target's root, and below it the name that the entry was given.
  public let target: FilePath
  public let kind: FileStatus.Kind
  public let action: Action
  /// How many bytes were written; 0 for what is no regular file.
  public let byteCount: Int64
  /// What the bytes that were read came to; nil if none were, and where no reducer was given. A further name of a file
  /// has what the first came to.
  public internal(set) var output: Output?
}

extension CopiedFile: Equatable where Output: Equatable {}
extension CopiedFile: Hashable where Output: Hashable {}

/// Stands for the reducer of a copy that has none.
public enum NoOutput: Sendable, Hashable {}
