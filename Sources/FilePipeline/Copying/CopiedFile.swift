import FileEngines
import SystemPackage

/// What a copy has done with an entry.
public enum CopyAction: Sendable, Hashable {
  /// The copy was made, or replaced an existing file.
  case written
  /// The name is a further one of a copied file.
  case linked
  /// The contents were equal; attributes were set.
  case updated
  /// Nothing was changed.
  case unchanged
}

/// The result of copying an entry.
public struct CopiedFile<Output: Sendable>: Sendable {
  /// The target's root.
  var root: FilePath { facts.root }
  /// The path below the root.
  var name: [UInt8] { facts.name }
  public var kind: FileStatus.Kind { facts.kind }
  public var action: CopyAction { facts.action }
  /// The number of bytes that were written; 0 unless it is a regular file.
  public var byteCount: Int64 { facts.byteCount }
  /// The attributes that the kernel has refused to set: owners on a file system without owners, on a server that does
  /// not trust this machine's root, or that the user namespace does not map. The contents are complete. Without its
  /// owner a file gets neither the set-user-ID nor the set-group-ID bit. Attributes that only root may set are not
  /// reported to other users.
  public var notKept: FileAttributes.Kinds { facts.notKept }
  /// The reducer's output; nil if the file was not read, and without a reducer. A further name of a file has the output
  /// of the first.
  public internal(set) var output: Output?

  private let facts: CopyFacts

  init(_ facts: CopyFacts, _ output: Output? = nil) {
    (self.facts, self.output) = (facts, output)
  }

  /// The path of the copy, assembled at each call.
  public var target: FilePath { FilePath(bytes: root.bytes + [UInt8(ascii: "/")] + name) }
}

/// The result of a copy without the reducer's output. It is an object because it goes through several queues, as
/// ``FileEntry`` does.
final class CopyFacts: Sendable {
  let root: FilePath
  let name: [UInt8]
  let kind: FileStatus.Kind
  let action: CopyAction
  let byteCount: Int64
  let notKept: FileAttributes.Kinds

  init(
    _ root: FilePath, _ name: [UInt8], _ kind: FileStatus.Kind, _ action: CopyAction, byteCount: Int64 = 0,
    notKept: FileAttributes.Kinds = []
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

extension CopiedFile: Equatable where Output: Equatable {}
extension CopiedFile: Hashable where Output: Hashable {}

/// The output type of a copy without a reducer.
public enum NoOutput: Sendable, Hashable {}
