import FileEngines
import LinuxSystem
import SystemPackage

/// An entry of a walk: a file, or a failure. It takes some 100 bytes, and as many again with its status; paths are
/// assembled at each access.
public struct WalkEntry: Sendable {
  /// The file; or the failure to read a directory, or to read the status of a file.
  public private(set) var outcome: Result<FileReference, FileError>
  /// The kind as the directory lists it; for a link that was followed, that of its target. Unknown for a file that was
  /// not listed, and for a root that does not exist.
  public let kind: FileStatus.Kind
  private let level: Int32
  private var metadata: Metadata?

  /// Allocated separately, because entries are moved often, and most have no status.
  private final class Metadata: Sendable {
    let status: FileStatus

    init(_ status: FileStatus) {
      self.status = status
    }
  }

  /// An entry that was not found by a walk, such as a file from a list.
  public init(_ outcome: Result<FileReference, FileError>) {
    let listedKind = (try? outcome.get())?.listedKind
    self.init(outcome, listedKind ?? .unknown, depth: 0)
  }

  init(_ outcome: Result<FileReference, FileError>, _ kind: FileStatus.Kind, depth: Int) {
    self.outcome = outcome
    self.kind = kind
    level = Int32(truncatingIfNeeded: depth)
  }

  /// The number of directories of the walk that it is in: 0 for a root.
  public var depth: Int { Int(level) }

  /// The result of statx(2); for a link that was followed, of its target. Nil for failures, and without
  /// ``WalkOptions/wantsStatus``.
  public var status: FileStatus? { metadata?.status }

  /// The path, byte for byte, beginning with the root as the caller has given it. It is assembled at each call.
  public var path: [UInt8] {
    switch outcome {
    case .success(let file): file.path
    case .failure(let error): error.path
    }
  }

  /// The length of the path in bytes.
  public var pathCount: Int {
    switch outcome {
    case .success(let file): file.pathCount
    case .failure(let error): error.pathCount
    }
  }

  /// The last component of the path, byte for byte, without trailing slashes.
  public var name: [UInt8] {
    switch outcome {
    case .success(let file): file.name
    case .failure(let error): FileReference(path: error.path).name
    }
  }

  /// See ``FileEngines/FileReference/inode``; 0 for failures.
  public var inode: UInt64 {
    switch outcome {
    case .success(let file): file.inode
    case .failure: 0
    }
  }
}

extension WalkEntry {
  var isFailure: Bool {
    if case .failure = outcome { true } else { false }
  }

  /// The failure of an operation on this entry.
  func failing(_ operation: FileError.Operation, _ cause: FileError.Cause) -> WalkEntry {
    guard case .success(let file) = outcome else { return self }
    return WalkEntry(.failure(FileError(file, operation, cause)), kind, depth: depth)
  }

  /// Reads the status; if that fails, the entry becomes a failure. Blocks on the disk.
  ///
  /// - Returns: the error, if there is one.
  @discardableResult
  mutating func addStatus(through memory: FileStatus.Memory) -> Errno? {
    guard case .success(let file) = outcome else { return nil }
    do throws(Errno) {
      metadata = Metadata(try file.status(into: memory))
      return nil
    } catch {
      outcome = .failure(FileError(file, .stat, .system(error)))
      return error
    }
  }
}

extension [WalkEntry] {
  /// Reads the status of each entry, in the order of their inodes: most file systems store neighbours in one block.
  mutating func addStatus(through memory: FileStatus.Memory) {
    for index in indices.sorted(by: { self[$0].inode < self[$1].inode }) {
      self[index].addStatus(through: memory)
    }
  }
}
