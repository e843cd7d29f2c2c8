import FilePipeline

/// An entry in which a tree differs from its reference.
struct TreeDifference: Sendable, Equatable {
  enum Aspect: Sendable, Equatable {
    /// The tree has no entry of this name, or one that sorts elsewhere because of its kind.
    case missing
    /// The reference has no entry of this name, or one that sorts elsewhere because of its kind.
    case extra
    case kind
    case permissions
    case owner
    /// The modification time.
    case time
    case linkTarget
    case device
    /// It is a hard link of a file in one of the trees only.
    case hardLinks
    case extendedAttributes
    case size
    /// The first byte that differs.
    case contents(offset: Int64)
    /// It cannot be compared.
    case failure(FileError)
  }

  /// The name of the entry in the source.
  let path: [UInt8]
  let aspect: Aspect
  let tree: ComparedRun
  /// Nil for the source.
  let reference: ComparedRun?

  var message: String {
    "the tree of \(tree) differs from \(reference.map { "that of \($0)" } ?? "the source"): \(aspect)"
  }
}

extension TreeDifference.Aspect: CustomStringConvertible {
  var description: String {
    switch self {
    case .missing: "it is missing there"
    case .extra: "it is there, and should not be"
    case .kind: "it is of another kind"
    case .permissions: "permissions"
    case .owner: "owner or group"
    case .time: "time of the last change"
    case .linkTarget: "where the link leads"
    case .device: "which device it is"
    case .hardLinks: "hard links"
    case .extendedAttributes: "extended attributes"
    case .size: "size"
    case .contents(let offset): "contents, from byte \(offset) on"
    case .failure(let error): "\(error.operation.rawValue): \(error.reason)"
    }
  }
}

/// A run that has written a tree.
struct ComparedRun: Sendable, Hashable, CustomStringConvertible {
  let engine: FileEngineKind
  /// From 1; 0 is not counted.
  let round: Int

  var description: String { "run \(round) of \(engine.rawValue)" }
}

/// The attributes by which entries of the same name are compared, besides kind, permissions, contents and link target.
struct ComparedAttributes: OptionSet, Sendable, Hashable {
  let rawValue: UInt8

  /// Modification times, to the nanosecond.
  static let times = ComparedAttributes(rawValue: 1 << 0)
  static let owners = ComparedAttributes(rawValue: 1 << 1)
  /// The set-user-ID and set-group-ID bits.
  static let rights = ComparedAttributes(rawValue: 1 << 2)
  /// Whether all extended attributes of the reference are present. That none is added or changed is always compared.
  static let allExtended = ComparedAttributes(rawValue: 1 << 3)
  /// Whether the same names are hard links of one file.
  static let hardLinks = ComparedAttributes(rawValue: 1 << 4)
  static let all: ComparedAttributes = [.times, .owners, .rights, .allExtended, .hardLinks]
}
