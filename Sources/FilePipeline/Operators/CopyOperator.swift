import AsyncPipeline
import FileEngines
import SystemPackage

/// Gives an entry its name below the root of the tree that is written.
public typealias CopyNaming = @Sendable (FileEntry) throws -> FilePath

extension PipelineProtocol where Element == FileEntry {
  /// Copies the entries of a walk into another tree: regular files, directories, symbolic links as links, and special
  /// files.
  ///
  /// ```swift
  /// try await FilePipeline.files(under: "in", .copying).copy(to: "out").run()
  /// ```
  ///
  /// A file is complete under its name, with all that is kept of its attributes, or what it was before. Nothing is
  /// written outside the tree, and below its root no symbolic link is followed (``FileEngines/TargetTree``). What is in
  /// the target already and not in the source stays, but for what a copy that was killed has left under a hidden name.
  ///
  /// The entries are those of a walk, in its order (``WalkOptions/copying``). A directory is made for its owner alone
  /// (0700), and gets its attributes when all that is in it has been written; one that is no entry stays so. One that
  /// is there, and whose permissions keep its owner from writing into it, is opened to the owner until then. Without
  /// ``CopyOptions/Kept/permissions`` both have what the umask leaves of 0777. A status that an entry lacks is asked
  /// for by a statx(2) of its own. Byte stages before this (``transform(_:)``) change nothing. The target, where the
  /// walk comes upon it, is not copied into itself: such entries are failures with the cause
  /// ``FileEngines/FileError/Cause/excluded``.
  ///
  /// - *emits* one result for each entry, in the order of the source, but that of a directory behind those of all that
  ///   is in it
  /// - *suspends* the stage before it while as many files are at work as the engine wants, and ``FilePipeline/window``
  ///   are between entry and exit. What is fused behind it runs on a lane of the engine, as behind
  ///   ``reduce(order:retry:_:)``
  /// - *finishes* with the last file
  /// - *on cancel* a file that is complete still gets its name, but with ``FileEngines/Durability/batch`` only if it is
  ///   being brought to the disk; of the others nothing is left. Directories that were not complete keep the attributes
  ///   that they were made with; the next copy sets them
  /// - *on failure* of the engine, or if the root cannot be had, the run ends whatever the policy
  ///
  /// - Parameters:
  ///   - root: made if it is not there; the directory that it is to be in must be.
  ///   - naming: the name of an entry below the root; empty for the root itself. Without it that below the root of the
  ///     walk. One that is absolute or leads upwards is refused (`EXDEV`).
  ///   - retry: which failures are tried again, from the file's first byte. With it, and
  ///     ``FileEngines/Durability/batch``, a worker waits for each of its files, so that fewer share a synchronization.
  @inlinable
  public func copy(
    to root: FilePath, naming: CopyNaming? = nil,
    options: CopyOptions = CopyOptions(), retry: Retry = .never
  ) -> Pipeline<FileResult<CopiedFile<NoOutput>>> {
    let bounds = ResultBounds.Choice(of: FileResult<CopiedFile<NoOutput>>.self, NoOutput.self)
    return erased.copying(to: root, naming, options, retry, bounds, reducing: nil)
      .map { $0.result(as: NoOutput.self) }.erased
  }

  /// The same; and what is read of regular files goes through a reducer, in the same read. A further name of a file that
  /// was copied is not read again: its result has what the first name's came to. A file that is left as it is is read
  /// only if ``CopyOptions/readsUnchanged`` says so.
  ///
  /// - Parameter make: makes the reducer, anew for each file.
  @inlinable
  public func copy<Reducer: ByteReducer>(
    to root: FilePath, naming: CopyNaming? = nil,
    options: CopyOptions = CopyOptions(), retry: Retry = .never, reducing make: @escaping @Sendable () -> Reducer
  ) -> Pipeline<FileResult<CopiedFile<Reducer.Output>>> {
    let bounds = ResultBounds.Choice(of: FileResult<CopiedFile<Reducer.Output>>.self, Reducer.Output.self)
    return erased.copying(to: root, naming, options, retry, bounds, reducing: make)
      .map { $0.result(as: Reducer.Output.self) }.erased
  }
}

extension Pipeline where Element == FileEntry {
  /// Without the types of the source and of what the reducers give: generic code that is not specialized for them costs
  /// a file as much as several system calls.
  @usableFromInline
  func copying(
    to root: FilePath, _ naming: CopyNaming?, _ options: CopyOptions, _ retry: Retry, _ bounds: ResultBounds.Choice,
    reducing make: (@Sendable () -> any ByteReducer)?
  ) -> Pipeline<CopyStep> {
    let copied = mapAsync(
      "copy", sharing: { FileSession(.auto) }, outputsWaiting: bounds.buffered,
      setUp: { session in
        let engine = try session.engine
        let target = try await CopyTarget(root, options, naming, engine)
        let window = bounds.window(workers: engine.workers.count)
        return SharedStageSetup(executors: engine.workers, window: window, context: target)
      },
      startingKey: { $0.reference.inode },
      open: { session, target, meter in CopyWorker(FileWorker(session, meter), target, make) }
    ) { worker, entry in
      try await worker.step(entry, retry)
    }
    return (options.durability == .batch ? copied.published() : copied)
      .through(DirectoryEnding(), sharing: { FileSession(.auto) }, on: { try? $0.engine.lanes.first?.executor })
  }
}

extension WalkOptions {
  /// What ``PipelineProtocol/copy(to:naming:options:retry:)`` is made for: all kinds of entries, with their status.
  public static var copying: WalkOptions {
    var options = WalkOptions()
    options.includes = .all
    options.wantsStatus = true
    return options
  }
}

extension FileEntry {
  /// The path below the root of the walk; empty for a root that is a directory, the last name for any other and for a
  /// path that was given.
  public var pathBelowRoot: FilePath {
    FilePath(bytes: bytesBelowRoot)
  }

  /// The same, byte for byte.
  public var bytesBelowRoot: [UInt8] {
    kind == .directory && isRoot ? [] : reference.pathBelowRoot
  }

  /// Whether it is a root of the walk itself, or a path that was given.
  public var isRoot: Bool { reference.isRoot }

  /// The root of the walk as it was given, byte for byte; of a path that was given the path.
  public var rootBytes: [UInt8] { reference.rootOfWalk }
}
