import FilePipeline
import FileStages
import Synchronization
import SystemPackage

/// Writes the checksums of a copy while it runs, in a separate task. The file gets its name at the end.
final class CopyManifest: Sendable {
  /// The capacity of the queue of lines. A guess: some 30 KiB.
  private static let queueCapacity = 256

  private let path: [UInt8]
  private let lines = Channel<[UInt8]>(capacity: queueCapacity)
  private let writing = Mutex<Task<Void, any Error>?>(nil)
  private let isComplete = Atomic(false)

  private struct Incomplete: Error {}

  init(_ path: [UInt8]) {
    self.path = path
  }

  /// Starts the task that writes.
  func start(_ engine: any FileEngine) {
    let task = Task(executorPreference: engine.lanes[0].executor) { [self] in
      // After a failure the copy must not wait for room in the queue.
      defer { lines.finish() }
      try await engine.writeFile(at: FileReference(path: path)) { writer in
        for await line in lines { try await writer.write(line) }
        if !isComplete.load(ordering: .acquiring) { throw Incomplete() }
      }
    }
    writing.withLock { $0 = task }
  }

  func append(_ name: [UInt8], _ digest: Digest) async {
    var line: [UInt8] = []
    ManifestWriter().append(name: name, digest: digest, to: &line)
    // A line is refused only after a failure, which end(isComplete:) throws.
    _ = await lines.send(line)
  }

  /// Waits until the file is written, or discarded if the copy is not complete.
  ///
  /// - Throws: ``CopyManifestFailure``.
  func end(isComplete: Bool) async throws {
    self.isComplete.store(isComplete, ordering: .releasing)
    lines.finish()
    do {
      try await writing.withLock({ $0 })?.value
    } catch let error as FileError {
      throw CopyManifestFailure(error: error)
    }
  }
}

/// The manifest could not be written.
struct CopyManifestFailure: FatalError {
  let error: FileError

  var message: String { "\(QuotedName.text(error.path)): \(error.operation.rawValue): \(error.reason)" }
}
