import AsyncPipeline
import FileEngines

/// A file that was written.
public struct WrittenFile: Sendable, Hashable {
  /// Where it is: the target's root, and below it the name that the file was given.
  public let target: FilePath
  /// How many bytes it has.
  public let byteCount: Int64
}

extension PipelineProtocol where Element == FileEntry {
  /// Writes each file's bytes, read through its stages, into another tree.
  ///
  /// ```swift
  /// try await FilePipeline.files(under: "in")
  ///   .transform { UppercaseASCII() }
  ///   .write(to: "out")
  ///   .forEach { print(try $0.value.target) }
  /// ```
  ///
  /// Each file is complete or absent, or what it was before: whatever happens to the process or the run, no part of it
  /// is ever under its name. Directories are made as they are needed, with what the umask leaves of 0777. The root may
  /// be a symbolic link; below it none is followed, and nothing is written outside the tree
  /// (``FileEngines/TargetTree``). What a walk finds in the target itself, where that is in the source, is skipped
  /// (``FileEngines/FileError/Cause/excluded``).
  ///
  /// - *emits* one result for each entry: where it was written to, or what went wrong with it. The others are written
  /// - *suspends* the stage before it while as many files are at work as the engine wants, and ``FilePipeline/window``
  ///   are between entry and exit
  /// - *finishes* with the last file
  /// - *on cancel* a file that is complete still gets its name, but with ``FileEngines/Durability/batch`` only if it is
  ///   being brought to the disk; of the others nothing is left
  /// - *on failure* of the engine, or if the root cannot be had, the run ends whatever the policy
  ///
  /// - Parameters:
  ///   - root: made if it is not there; the directory that it is to be in must be.
  ///   - naming: the name of a file below the root, from its path below the root of the walk that found it. One that is
  ///     absolute or leads upwards is refused (`EXDEV`). The second file of a run that is given a name fails
  ///     (``FileEngines/FileError/Cause/nameTaken``), which takes some 20 bytes of memory for each file.
  ///   - options: of the files. By default what has the name is replaced.
  ///   - order: of the results.
  ///   - retry: which failures are tried again, from the file's first byte. With it, and
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

  /// The same, with names that follow from the whole entry: from the root that it was found below, say, where the trees
  /// of several are written into one and may have names in common.
  ///
  /// A closure that could be meant for either is taken for one that gets the path.
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
    return writing(to: root, naming, options, order) { worker, entry in try await worker.step(entry, retry).result }
  }

  @inlinable
  func writing<Output: Sendable>(
    to root: FilePath, _ naming: @escaping @Sendable (FileEntry) throws -> FilePath, _ options: FileWriteOptions,
    _ order: FileOrder, _ write: @escaping @Sendable (FileWriteWorker, FileEntry) async throws -> Output
  ) -> Pipeline<Output> {
    let bounds = ResultBounds.Choice(of: FileResult<WrittenFile>.self, Int.self)
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

extension FilePermissions {
  /// Of a directory that is made, less the umask (mkdir(2)).
  @usableFromInline static var newDirectory: FilePermissions { FilePermissions(rawValue: 0o777) }
}

extension FileReference {
  /// A file by its path, byte for byte.
  public init(path: FilePath) {
    self.init(path: path.bytes)
  }
}
