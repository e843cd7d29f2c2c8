import FilePipeline
import FileStages
import Synchronization
import SystemPackage

/// The checksums of a copy, written while it runs: by a task of its own, into a file that gets its name at the end.
final class CopyManifest: Sendable {
  /// How many lines wait to be written. A guess: some 30 KiB.
  private static let linesWaiting = 256

  private let path: [UInt8]
  private let lines = Channel<[UInt8]>(capacity: linesWaiting)
  private let writing = Mutex<Task<Void, any Error>?>(nil)
  private let isComplete = Atomic(false)

  private struct Incomplete: Error {}

  init(_ path: [UInt8]) {
    self.path = path
  }

  /// Begins to write.
  func start(_ engine: any FileEngine) {
    let task = Task(executorPreference: engine.lanes[0].executor) { [self] in
      // What cannot be written any more must not keep the copy waiting.
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
    // One that is not taken has a failure of writing before it.
    _ = await lines.send(line)
  }

  /// Waits until it is written, or removed if the copy has not come to its end.
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
struct CopyManifestFailure: RunAbortion {
  let error: FileError

  var message: String { "\(QuotedName.text(error.path)): \(error.operation.rawValue): \(error.reason)" }
}
