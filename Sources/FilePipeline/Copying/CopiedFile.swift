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
  /// What it should have been given of its source and was not, since the kernel refuses it: owners on a file system
  /// that has none, of a server that does not trust this machine's root, or that a user namespace does not know. Its
  /// contents are right. Without its owner a file gets neither the set-user-ID nor the set-group-ID bit. What only root
  /// may set, and others copy, is not among these.
  public let notKept: CopyOptions.Kept
  /// What the bytes that were read came to; nil if none were, and where no reducer was given. A further name of a file
  /// has what the first came to.
  public internal(set) var output: Output?

  /// Where it is. It is put together anew at each call.
  public var target: FilePath { FilePath(bytes: root.bytes + [UInt8(ascii: "/")] + name) }
}

extension CopiedFile where Output == any Sendable {
  func typed<Typed>(as type: Typed.Type) -> CopiedFile<Typed> {
    CopiedFile<Typed>(
      root: root, name: name, kind: kind, action: action, byteCount: byteCount, notKept: notKept,
      output: output.map { $0 as! Typed })
  }
}

extension CopyOptions.Kept {
  /// What the kernel has refused.
  init(_ refused: FileAttributes.Kinds) {
    self = []
    if refused.contains(.owner) { insert(.owners) }
    if refused.contains(.permissions) { insert(.permissions) }
    if refused.contains(.times) { insert(.times) }
    if refused.contains(.extended) { insert(.extendedAttributes) }
  }
}

extension CopiedFile: Equatable where Output: Equatable {}
extension CopiedFile: Hashable where Output: Hashable {}

/// Stands for the reducer of a copy that has none.
public enum NoOutput: Sendable, Hashable {}
