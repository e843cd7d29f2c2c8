import AsyncPipeline
import FileEngines
import SystemPackage

/// Returns the name of an entry below the root of the target tree.
public typealias CopyNaming = @Sendable (FileEntry) throws -> FilePath

extension PipelineProtocol where Element == FileEntry {
  /// Copies the entries of a walk into another tree: regular files, directories, symbolic links as links, and special
  /// files.
  ///
  /// ```swift
  /// try await FilePipeline.files(under: "in", .copying).copy(to: "out").run()
  /// ```
  ///
  /// Each name in the target leads to what it did before or to a complete copy with all attributes that are kept.
  /// Nothing is written outside the tree, and below its root no symbolic link is followed (``FileEngines/TargetTree``).
  /// Files of the target that the source does not have stay, except temporary files that a killed copy has left under
  /// hidden names.
  ///
  /// The entries must be those of a walk, in its order (``WalkOptions/copying``). A directory is made with the mode
  /// 0700, and gets its attributes when everything in it has been written; a directory that is not an entry keeps that
  /// mode. An existing directory that its owner may not write to gets the owner's permissions until then. If
  /// permissions are not kept (``CopyOptions/keeps``), directories are made with what the umask leaves of 0777. An
  /// entry without a status costs a statx(2). Byte stages before this operator (``transform(_:)``) are ignored. The
  /// target is not copied into itself if it is in the source: such entries are failures with the cause
  /// ``FileEngines/FileError/Cause/excluded``.
  ///
  /// - *emits* one result for each entry, in the order of the source, but the result of a directory after those of all
  ///   entries in it
  /// - *suspends* the preceding stage while the engine's number of files is being copied, or ``FilePipeline/window``
  ///   are between entry and exit. Steps that are fused behind it run on a lane of the engine
  /// - *finishes* with the last file
  /// - *on cancel* a file that is complete still gets its name; with ``FileEngines/Durability/batch``, only if its
  ///   synchronization has begun. Nothing is left of the others. Directories that are not complete keep the attributes
  ///   that they were made with, until the next copy
  /// - *on failure* of the engine, or if the root cannot be opened, the run ends whatever the policy
  ///
  /// - Parameters:
  ///   - root: made if it does not exist; its parent must exist.
  ///   - naming: returns the name of an entry below the root; empty for the root itself. By default the path below the
  ///     root of the walk. A name that is absolute or contains `..` fails with `EXDEV`.
  ///   - retry: which failures are retried, from the file's first byte. With retries and
  ///     ``FileEngines/Durability/batch``, a worker waits for each of its files, so that fewer share a synchronization.
  @inlinable
  public func copy(
    to root: FilePath, naming: CopyNaming? = nil,
    options: CopyOptions = CopyOptions(), retry: Retry = .never
  ) -> Pipeline<FileResult<CopiedFile<NoOutput>>> {
    let bounds = ResultBounds(of: FileResult<CopiedFile<NoOutput>>.self, NoOutput.self)
    return erased.copying(to: root, naming, options, retry, bounds, reducing: nil)
      .map { $0.result(as: NoOutput.self) }.erased
  }

  /// The same, with a reducer over the bytes of each regular file, in the same read. A further name of a copied file is
  /// not read again: its result has the first name's output. An unchanged file is read only with
  /// ``CopyOptions/readsUnchanged``.
  ///
  /// - Parameter make: makes a reducer for each file.
  @inlinable
  public func copy<Reducer: ByteReducer>(
    to root: FilePath, naming: CopyNaming? = nil,
    options: CopyOptions = CopyOptions(), retry: Retry = .never, reducing make: @escaping @Sendable () -> Reducer
  ) -> Pipeline<FileResult<CopiedFile<Reducer.Output>>> {
    let bounds = ResultBounds(of: FileResult<CopiedFile<Reducer.Output>>.self, Reducer.Output.self)
    return erased.copying(to: root, naming, options, retry, bounds, reducing: make)
      .map { $0.result(as: Reducer.Output.self) }.erased
  }
}

extension Pipeline where Element == FileEntry {
  /// Not generic in the types of the source and of the reducer: unspecialized generic code costs as much for each file
  /// as several system calls.
  @usableFromInline
  func copying(
    to root: FilePath, _ naming: CopyNaming?, _ options: CopyOptions, _ retry: Retry, _ bounds: ResultBounds,
    reducing make: (@Sendable () -> any ByteReducer)?
  ) -> Pipeline<CopyStep> {
    func copies<Output>(
      _ copy: @escaping @Sendable (CopyWorker, FileEntry) async throws -> Output
    ) -> Pipeline<Output> {
      mapAsync(
        "copy", sharing: { FileSession(.auto) }, outputsWaiting: bounds.buffered,
        setUp: { session in
          let engine = try session.engine
          let target = try await CopyTarget(root, options, naming, engine)
          let window = bounds.window(workers: engine.workers.count)
          return SharedStageSetup(executors: engine.workers, window: window, context: target)
        },
        startingKey: { $0.reference.inode },
        open: { session, target, meter in CopyWorker(FileWorker(session, meter), target, make) }, copy)
    }
    let copied =
      options.durability == .batch
      ? copies { worker, entry in try await worker.step(entry, retry) }.published()
      : copies { worker, entry in try await worker.step(entry, retry).outcome }
    return copied.through(
      DirectoryAttributes(), sharing: { FileSession(.auto) }, on: { try? $0.engine.lanes.first?.executor })
  }
}

extension WalkOptions {
  /// For ``PipelineProtocol/copy(to:naming:options:retry:)``: entries of all kinds, with their status.
  public static var copying: WalkOptions {
    var options = WalkOptions()
    options.includes = .all
    options.wantsStatus = true
    return options
  }
}
