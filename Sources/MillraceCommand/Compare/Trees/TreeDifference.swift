import FilePipeline

/// Where a tree is not what it should be.
struct TreeDifference: Sendable, Equatable {
  enum Aspect: Sendable, Equatable {
    /// It is not there, or something of another kind is.
    case missing
    /// The other tree has nothing of this name, or something of another kind.
    case extra
    case kind
    case permissions
    case owner
    /// Of the last change of its contents.
    case time
    case linkTarget
    case device
    /// It is another name of a file that it should be none of, or the reverse.
    case hardLinks
    case extendedAttributes
    case size
    /// The first byte that is another.
    case contents(offset: Int64)
    /// It cannot be compared.
    case failure(FileError)
  }

  /// Under its name in the source.
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

/// What entries of the same name are compared by, beside their kinds, permissions, contents and links.
struct ComparedAttributes: OptionSet, Sendable, Hashable {
  let rawValue: UInt8

  /// Of the last change, to the nanosecond.
  static let times = ComparedAttributes(rawValue: 1 << 0)
  static let owners = ComparedAttributes(rawValue: 1 << 1)
  /// The set-user-ID and set-group-ID bits.
  static let rights = ComparedAttributes(rawValue: 1 << 2)
  /// That none of the reference's is missing. That none is added or changed is looked at in any case.
  static let allExtended = ComparedAttributes(rawValue: 1 << 3)
  /// That names of one file are names of one file.
  static let hardLinks = ComparedAttributes(rawValue: 1 << 4)
  static let all: ComparedAttributes = [.times, .owners, .rights, .allExtended, .hardLinks]
}
