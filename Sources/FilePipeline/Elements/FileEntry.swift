import AsyncPipeline
import FileEngines
import SystemPackage

/// A file as the element of a pipeline: where it is, what is known about it, and how its bytes are read.
///
/// A directory that a walk cannot list is an entry too, with a ``failure``: every operator that reads files passes it
/// on as a failed result, so that no failure is lost.
///
/// An entry can be read until the end of its run, by the run's engine.
public struct FileEntry: Sendable {
  private let found: Found
  /// The byte stages that its bytes go through.
  @usableFromInline var recipe: ByteRecipe?

  /// What the source has given. It is an object because an entry goes through several queues, and copying it as a value
  /// would change four reference counts each time.
  private final class Found: Sendable {
    let entry: WalkEntry
    let index: Int
    let session: FileSession

    init(_ entry: WalkEntry, index: Int, in session: FileSession) {
      (self.entry, self.index, self.session) = (entry, index, session)
    }
  }

  init(_ entry: WalkEntry, index: Int, in session: FileSession) {
    found = Found(entry, index: index, in: session)
  }

  /// The name in its directory, or the path.
  public var reference: FileReference {
    switch found.entry.outcome {
    case .success(let file): file
    case .failure(let error): error.reference
    }
  }

  /// The position in the source, from 0.
  public var index: Int { found.index }

  /// The kind as its directory lists it; `unknown` for a path that the caller has given.
  public var kind: FileStatus.Kind { found.entry.kind }

  @usableFromInline var session: FileSession { found.session }

  /// The path as swift-system represents it: without a trailing slash and without repeated ones. It is assembled at
  /// each call.
  public var path: FilePath { FilePath(bytes: reference.path) }

  /// The path, byte for byte, beginning with the root as the caller has given it.
  public var pathBytes: [UInt8] { reference.path }

  /// The length of ``pathBytes``.
  public var pathCount: Int { reference.pathCount }

  /// Why it cannot be read, if that was known before opening it.
  public var failure: FileError? {
    if case .failure(let error) = found.entry.outcome { error } else { nil }
  }

  /// Size, times, mode and owner, if the source was to report them (``WalkOptions/wantsStatus``).
  public var status: FileStatus? { found.entry.status }

  /// The file to read; throws the ``failure``.
  @usableFromInline
  func get() throws(FileError) -> FileReference { try found.entry.outcome.get() }
}

extension FileEntry {
  /// The path below the root of the walk: empty for a root that is a directory, the last name for any other root and
  /// for a path that the caller has given.
  public var pathBelowRoot: FilePath {
    FilePath(bytes: bytesBelowRoot)
  }

  /// The same, byte for byte.
  public var bytesBelowRoot: [UInt8] {
    kind == .directory && isRoot ? [] : reference.pathBelowRoot
  }

  /// Whether it is a root of the walk, or a path that the caller has given.
  public var isRoot: Bool { reference.isRoot }

  /// The root of the walk, byte for byte; for a path that the caller has given, that path.
  public var rootBytes: [UInt8] { reference.rootOfWalk }
}

extension FileEntry: CustomStringConvertible {
  /// The path for display: bytes that are not UTF-8 are replaced.
  public var description: String { reference.description }
}
