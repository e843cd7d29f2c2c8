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
  var root: FilePath { facts.root }
  var name: [UInt8] { facts.name }
  public var kind: FileStatus.Kind { facts.kind }
  public var action: CopyAction { facts.action }
  /// How many bytes were written; 0 for what is no regular file.
  public var byteCount: Int64 { facts.byteCount }
  /// What it should have been given of its source and was not, since the kernel refuses it: owners on a file system
  /// that has none, of a server that does not trust this machine's root, or that a user namespace does not know. Its
  /// contents are right. Without its owner a file gets neither the set-user-ID nor the set-group-ID bit. What only root
  /// may set, and others copy, is not among these.
  public var notKept: CopyOptions.Kept { facts.notKept }
  /// What the bytes that were read came to; nil if none were, and where no reducer was given. A further name of a file
  /// has what the first came to.
  public internal(set) var output: Output?

  private let facts: CopyFacts

  init(_ facts: CopyFacts, _ output: Output? = nil) {
    (self.facts, self.output) = (facts, output)
  }

  /// Where it is. It is put together anew at each call.
  public var target: FilePath { FilePath(bytes: root.bytes + [UInt8(ascii: "/")] + name) }
}

/// What is known of a copy but for what a reducer has made of it. An object, for what ``FileEntry`` has one for.
final class CopyFacts: Sendable {
  let root: FilePath
  let name: [UInt8]
  let kind: FileStatus.Kind
  let action: CopyAction
  let byteCount: Int64
  let notKept: CopyOptions.Kept

  init(
    _ root: FilePath, _ name: [UInt8], _ kind: FileStatus.Kind, _ action: CopyAction, byteCount: Int64 = 0,
    notKept: CopyOptions.Kept = []
  ) {
    (self.root, self.name, self.kind) = (root, name, kind)
    (self.action, self.byteCount, self.notKept) = (action, byteCount, notKept)
  }
}

extension CopyFacts: Hashable {
  static func == (a: CopyFacts, b: CopyFacts) -> Bool {
    a.name == b.name && a.root == b.root && a.kind == b.kind && a.action == b.action && a.byteCount == b.byteCount
      && a.notKept == b.notKept
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(action)
  }
}

extension CopiedFile where Output == any Sendable {
  func typed<Typed>(as type: Typed.Type) -> CopiedFile<Typed> {
    CopiedFile<Typed>(facts, output.map { $0 as! Typed })
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
