import AsyncPipeline
import FileEngines

/// A file that was written into a target tree.
public struct WrittenFile: Sendable, Hashable {
  /// The path: the target's root and the name below it.
  public let target: FilePath
  /// The size in bytes.
  public let byteCount: Int64
}

extension PipelineProtocol where Element == FileEntry {
  /// Writes each file's bytes, after its byte stages, into another tree.
  ///
  /// ```swift
  /// try await FilePipeline.files(under: "in")
  ///   .transform { UppercaseASCII() }
  ///   .write(to: "out")
  ///   .forEach { print(try $0.value.target) }
  /// ```
  ///
  /// Each name in the target leads to what it did before or to a complete file, whatever happens to the process or the
  /// run. Missing directories are made, with what the umask leaves of 0777. The root may be a symbolic link; below it
  /// none is followed, and nothing is written outside the tree (``FileEngines/TargetTree``). If the target is in the
  /// source, entries in it fail with the cause ``FileEngines/FileError/Cause/excluded``.
  ///
  /// - *emits* one result for each entry: the target, or the failure, after which the run continues
  /// - *suspends* the preceding stage while the engine's number of files is being written, or ``FilePipeline/window``
  ///   are between entry and exit
  /// - *finishes* with the last file
  /// - *on cancel* a file that is complete still gets its name; with ``FileEngines/Durability/batch``, only if its
  ///   synchronization has begun. Nothing is left of the others
  /// - *on failure* of the engine, or if the root cannot be opened, the run ends whatever the policy
  ///
  /// - Parameters:
  ///   - root: made if it does not exist; its parent must exist.
  ///   - naming: returns the name of a file below the root, from its path below the root of the walk. A name that is
  ///     absolute or contains `..` fails with `EXDEV`. A name that another file of the run has fails with the cause
  ///     ``FileEngines/FileError/Cause/nameTaken``; detecting that takes some 20 bytes of memory for each file.
  ///   - options: how the files are written. By default existing files are replaced.
  ///   - order: of the results.
  ///   - retry: which failures are retried, from the file's first byte. With retries and
  ///     ``FileEngines/Durability/batch``, a worker waits for each of its files, so that fewer share a synchronization.
  @inlinable
  public func write(
    to root: FilePath, naming: @escaping @Sendable (FilePath) throws -> FilePath = { $0 },
    options: FileWriteOptions = FileWriteOptions(), order: FileOrder = .source, retry: Retry = .never
  ) -> Pipeline<FileResult<WrittenFile>> {
    write(
      to: root, naming: { (entry: FileEntry) in try naming(entry.pathBelowRoot) }, options: options, order: order,
      retry: retry)
  }

  /// The same, with a name from the whole entry: for example from its root, where several trees are written into one
  /// and may have names in common.
  ///
  /// A closure that fits both overloads gets the path.
  @inlinable
  @_disfavoredOverload
  public func write(
    to root: FilePath, naming: @escaping @Sendable (FileEntry) throws -> FilePath,
    options: FileWriteOptions = FileWriteOptions(), order: FileOrder = .source, retry: Retry = .never
  ) -> Pipeline<FileResult<WrittenFile>> {
    if options.durability == .batch {
      return writing(to: root, naming, options, order) { worker, entry in try await worker.step(entry, retry) }
        .published()
    }
    return writing(to: root, naming, options, order) { worker, entry in try await worker.step(entry, retry).outcome }
  }

  @inlinable
  func writing<Output: Sendable>(
    to root: FilePath, _ naming: @escaping @Sendable (FileEntry) throws -> FilePath, _ options: FileWriteOptions,
    _ order: FileOrder, _ write: @escaping @Sendable (FileWriteWorker, FileEntry) async throws -> Output
  ) -> Pipeline<Output> {
    let bounds = ResultBounds(of: FileResult<WrittenFile>.self, Int.self)
    return mapAsync(
      "write", sharing: { FileSession(.auto) }, outputsWaiting: bounds.buffered,
      setUp: { session in
        let engine = try session.engine
        let window = order == .source ? bounds.window(workers: engine.workers.count) : nil
        let tree = try await engine.openTarget(FileReference(path: root), creating: .newDirectory)
        return SharedStageSetup(executors: engine.workers, window: window, context: WriteTarget(tree))
      },
      startingKey: { $0.reference.inode },
      open: { session, target, meter in FileWriteWorker(FileWorker(session, meter), target, naming, options) },
      write)
  }
}
