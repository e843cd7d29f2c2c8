import FileEngines
import SystemPackage

/// What a copy has done about an entry.
public enum CopyAction: Sendable, Hashable {
  /// It was made, or replaced what was there.
  case written
  /// It is a further name of a file that was copied before, or at the same time.
  case linked
  /// Its contents were right; permissions, owner or times were set.
  case updated
  /// It is as it was.
  case unchanged
}

/// What a copy has made of an entry.
public struct CopiedFile<Output: Sendable>: Sendable {
  /// The target's root, and below it the name that the entry was given.
  let root: FilePath
  let name: [UInt8]
  public let kind: FileStatus.Kind
  public let action: CopyAction
  /// How many bytes were written; 0 for what is no regular file.
  public let byteCount: Int64
  /// What the bytes that were read came to; nil if none were, and where no reducer was given.
  public let output: Output?

  /// Where it is. It is put together anew at each call.
  public var target: FilePath { FilePath(bytes: root.bytes + [UInt8(ascii: "/")] + name) }
}

extension CopiedFile where Output == any Sendable {
  func typed<Typed>(as type: Typed.Type) -> CopiedFile<Typed> {
    CopiedFile<Typed>(
      root: root, name: name, kind: kind, action: action, byteCount: byteCount, output: output.map { $0 as! Typed })
  }
}

extension CopiedFile: Equatable where Output: Equatable {}
extension CopiedFile: Hashable where Output: Hashable {}

/// Stands for the reducer of a copy that has none.
public enum NoOutput: Sendable, Hashable {}
