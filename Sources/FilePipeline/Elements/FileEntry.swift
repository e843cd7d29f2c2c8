import AsyncPipeline
import FileEngines
import SystemPackage

/// A file as the element of a pipeline: where it is, what is known of it, and how its bytes are read.
///
/// What a walk cannot list is an entry too, in its place, with ``failure``: every operator that reads passes it on as a
/// failed result, so that nothing is lost on the way.
///
/// An entry is good for as long as its run lasts, whose engine reads it.
public struct FileEntry: Sendable {
  private let found: Found
  /// What its bytes are read through.
  @usableFromInline var recipe: ByteRecipe?

  /// What the source has given. It is an object since an entry goes through several queues, and copying it as a value
  /// would count four references each time.
  private final class Found: Sendable {
    let reference: FileReference
    let index: Int
    let kind: FileStatus.Kind
    let session: FileSession
    let failure: FileError?
    let metadata: WalkEntry.Metadata?

    init(_ entry: WalkEntry, index: Int, in session: FileSession) {
      (self.index, self.session) = (index, session)
      (kind, metadata) = (entry.kind, entry.metadata)
      switch entry.outcome {
      case .success(let file): (reference, failure) = (file, nil)
      case .failure(let error): (reference, failure) = (error.reference, error)
      }
    }
  }

  init(_ entry: WalkEntry, index: Int, in session: FileSession) {
    found = Found(entry, index: index, in: session)
  }

  /// Where it is: a name in a directory, or a path.
  public var reference: FileReference { found.reference }

  /// Its position in the source, from 0.
  public var index: Int { found.index }

  /// What it is, as the directory that lists it says; `unknown` for a path that was given and not looked at.
  public var kind: FileStatus.Kind { found.kind }

  @usableFromInline var session: FileSession { found.session }

  /// The path, byte for byte, as swift-system keeps it: without a slash at its end, and with single ones. It is put
  /// together anew at each call.
  public var path: FilePath { FilePath(bytes: reference.path) }

  /// The path with the root as it was given before it.
  public var pathBytes: [UInt8] { reference.path }

  /// How long that is.
  public var pathCount: Int { reference.pathCount }

  /// Why it cannot be read, if that is known before it is opened.
  public var failure: FileError? { found.failure }

  /// Size, times, mode and owner, if the source was asked for them (``WalkOptions``).
  public var status: FileStatus? { found.metadata?.status }

  /// Where to read it.
  @usableFromInline
  func get() throws(FileError) -> FileReference {
    if let failure { throw failure }
    return reference
  }
}

extension FileEntry: CustomStringConvertible {
  /// The path, with what is not UTF-8 replaced: for people, not for opening.
  public var description: String { reference.description }
}
