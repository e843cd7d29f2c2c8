import FileEngines
import LinuxSystem
import SystemPackage

/// What a walk meets: a file, or what went wrong instead. Some 100 bytes, and as many as its status if that is wanted;
/// paths are put together when they are asked for.
public struct WalkEntry: Sendable {
  /// The file; or a failure in its place: of a directory that cannot be read, or of a file whose status was wanted and
  /// cannot be had.
  public private(set) var outcome: Result<FileReference, FileError>
  /// What it was listed as; of a link that was followed, what that leads to. Unknown of what was not listed, and of a
  /// root that does not exist.
  public let kind: FileStatus.Kind
  private let level: Int32
  private(set) var metadata: Metadata?

  /// Outside of the entry, which is moved about, and mostly has none.
  final class Metadata: Sendable {
    let status: FileStatus

    init(_ status: FileStatus) {
      self.status = status
    }
  }

  /// What has not been met by a walk: a file that a list names, say.
  public init(_ outcome: Result<FileReference, FileError>) {
    let listedKind = (try? outcome.get())?.listedKind
    self.init(outcome, listedKind ?? .unknown, depth: 0)
  }

  init(_ outcome: Result<FileReference, FileError>, _ kind: FileStatus.Kind, depth: Int) {
    self.outcome = outcome
    self.kind = kind
    level = Int32(truncatingIfNeeded: depth)
  }

  /// How many directories of the walk it is in: 0 for a root.
  public var depth: Int { Int(level) }

  /// What statx(2) says of it, of what it leads to if it is a link that was followed; nil if that was not wanted
  /// (``WalkOptions/wantsStatus``), and for failures.
  public var status: FileStatus? { metadata?.status }

  /// The path, byte for byte, with the root as it was given before it. It is put together anew at each call.
  public var path: [UInt8] {
    switch outcome {
    case .success(let file): file.path
    case .failure(let error): error.path
    }
  }

  /// How long the path is, in bytes.
  public var pathCount: Int {
    switch outcome {
    case .success(let file): file.pathCount
    case .failure(let error): error.pathCount
    }
  }

  /// The last component of the path, byte for byte, without slashes behind it.
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

  /// A failure in its place.
  func failing(_ operation: FileError.Operation, _ cause: FileError.Cause) -> WalkEntry {
    guard case .success(let file) = outcome else { return self }
    return WalkEntry(.failure(FileError(file, operation, cause)), kind, depth: depth)
  }

  /// Asks for the status; without one the entry becomes a failure. Blocks on the disk.
  ///
  /// - Returns: what kept it from being had, if anything did.
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
  /// Asks for the status of each, in the order of their inodes: on most disks neighbours are in one block.
  mutating func addStatus(through memory: FileStatus.Memory) {
    for index in indices.sorted(by: { self[$0].inode < self[$1].inode }) {
      self[index].addStatus(through: memory)
    }
  }
}
