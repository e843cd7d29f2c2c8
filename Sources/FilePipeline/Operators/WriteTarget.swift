import AsyncPipeline
import FileEngines
import Synchronization

/// What the tasks of a stage that writes files share: the tree, the names that were given, and how many large files are
/// written at a time.
@usableFromInline
final class WriteTarget: Sendable {
  /// A guess: enough for a disk to have several at once, and few beside the buffers of the small files.
  private static let largeFiles = 8

  let tree: TargetTree
  /// Hashes of the names, whose keys are random: that two of a million names have one is as likely as one in thirty
  /// million.
  private let names = Mutex<Set<Int>>([])
  /// One element for each place that is free.
  private let places = Channel<Void>(capacity: largeFiles)

  @usableFromInline
  init(_ tree: TargetTree) {
    self.tree = tree
    for _ in 0..<Self.largeFiles { _ = places.trySend(()) }
  }

  /// Takes a name for a file of the run. False if another file has it.
  func take(_ name: [UInt8]) -> Bool {
    var hasher = Hasher()
    name.withUnsafeBytes { hasher.combine(bytes: $0) }
    let hash = hasher.finalize()
    return names.withLock { $0.insert(hash).inserted }
  }

  /// Removes what writers that were killed have left in a directory. Once for each; new ones cost nothing.
  func removeLeftovers(in directory: TargetDirectory, _ engine: any FileEngine) async throws(FileError) {
    if tree.isFreeOfLeftovers(directory) { return }
    try await engine.visit(directory, .list) { () throws(FileError) in try tree.removeLeftovers(in: directory) }
  }

  /// Calls `body` when fewer than so many large files are being written.
  func whenThereIsRoom<R>(
    for file: FileReference, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R {
    guard await places.next() != nil else { throw FileError(file, .write, .cancelled) }
    defer { _ = places.trySend(()) }
    return try await body()
  }
}
