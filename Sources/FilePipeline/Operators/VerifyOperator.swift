import AsyncPipeline
import FileEngines
import SystemPackage

extension PipelineProtocol {
  /// Reads the files of a copy and compares their reduced values with those of the sources.
  ///
  /// ```swift
  /// try await FilePipeline.files(under: "in", .copying)
  ///   .copy(to: "out", options: CopyOptions(readsUnchanged: true), reducing: { DigestReducer(.sha256) })
  ///   .verify(in: "out") { DigestReducer(.sha256) }
  ///   .run()
  /// ```
  ///
  /// A copy that differs is a failure of that copy with the cause ``FileEngines/FileError/Cause/differs``; the copy is
  /// not removed. Results without an output pass unread: directories, links, special files, failures, and unchanged
  /// files without ``CopyOptions/readsUnchanged``. So does a further name of a file whose first name is compared.
  ///
  /// The copies are read from the disk, as far as the engine bypasses the page cache and the file system supports it.
  /// Before that they are written back, some thousands with one syncfs(2).
  ///
  /// - *emits* one result for each of its input, in its order
  /// - *suspends* the preceding stage during write-back, and while the engine's number of copies is being read
  /// - *finishes* with its input
  /// - *on cancel* reads are cancelled
  /// - *on failure* of the engine or of the write-back, the run ends
  ///
  /// - Parameters:
  ///   - root: the root of the copy.
  ///   - engine: reads the copies, in addition to the engine of the run. Unless its page cache use is `bypass`, it may
  ///     compare what is cached.
  ///   - make: makes the same reducer as for the copy.
  public func verify<Reducer: ByteReducer>(
    in root: FilePath,
    engine: EngineSource = .choice(.auto, FileEngineConfiguration(pageCache: .bypass, writes: .calls)),
    _ make: @escaping @Sendable () -> Reducer
  ) -> Pipeline<FileResult<CopiedFile<Reducer.Output>>>
  where Element == FileResult<CopiedFile<Reducer.Output>>, Reducer.Output: Equatable {
    let bounds = ResultBounds(of: Element.self, Reducer.Output.self)
    return through(DiskBarrier<Reducer.Output>(root))
      .mapAsync(
        "verify", sharing: { VerifySession(engine) }, outputsWaiting: bounds.buffered,
        setUp: { session in
          let workers = try session.files.engine.workers
          return SharedStageSetup(executors: workers, window: bounds.window(workers: workers.count))
        },
        open: { session, _, meter in FileWorker(session.files, meter) }
      ) { worker, result in
        try await worker.verify(result, make)
      }
  }
}

/// The session of the engine that reads the copies, apart from the run's, which the other stages share.
private final class VerifySession: RunResource {
  let files: FileSession

  init(_ engine: EngineSource) {
    files = FileSession(engine)
  }

  func close(_ meter: StageMeter) async { await files.close(meter) }
}

extension FileWorker {
  /// Throws if the task is cancelled, and if the engine has failed.
  fileprivate func verify<Reducer: ByteReducer>(
    _ result: FileResult<CopiedFile<Reducer.Output>>, _ make: () -> Reducer
  ) async throws -> FileResult<CopiedFile<Reducer.Output>> where Reducer.Output: Equatable {
    guard let copied = result.verifiable(), let expected = copied.output else { return result }
    // Listed as a regular file, which it was: a symbolic link that has taken its place is not followed.
    let copy = FileReference(path: copied.target.bytes, inode: 0, listedKind: .regular)
    let found = try await self.result(of: entry(copy), .never, make)
    switch found.outcome {
    case .success(let output) where output == expected: return result
    case .success:
      meter.count("copies that differ", 1)
      return FileResult(result.file, .failure(FileError(copy, .verify, .differs)))
    case .failure(let error): return FileResult(result.file, .failure(error))
    }
  }
}

extension FileResult {
  /// The copy, if it is to be read.
  fileprivate func verifiable<Reduced>() -> CopiedFile<Reduced>? where Output == CopiedFile<Reduced> {
    guard case .success(let copied) = outcome, copied.output != nil, copied.action != .linked else { return nil }
    return copied
  }
}

/// Holds copies until they are on the disk, and writes some thousands back at once.
private struct DiskBarrier<Output: Sendable>: Stage {
  typealias Input = FileResult<CopiedFile<Output>>
  typealias Context = StageContext<Input>

  /// The number of results that are held, and of their bytes. As many as the window of the copying stage; the bytes are
  /// a guess: a fraction of a second's work for a disk, and a fraction of the kernel's limit for dirty pages.
  private static var mostResults: Int { FilePipeline.window }
  private static var mostBytes: Int64 { 256 << 20 }

  private let root: FilePath
  private var tree: TargetTree?
  private var held: [Input] = []
  private var bytes: Int64 = 0

  let name = "write-out"

  init(_ root: FilePath) {
    self.root = root
  }

  mutating func process(_ result: Input, in context: Context) async throws {
    held.append(result)
    if case .success(let copied) = result.outcome { bytes += copied.byteCount }
    context.keep()
    if held.count >= Self.mostResults || bytes >= Self.mostBytes { try await release(in: context) }
  }

  mutating func finish(in context: Context) async throws {
    try await release(in: context)
  }

  private mutating func release(in context: Context) async throws {
    if let first = held.first(where: { $0.verifiable() != nil }) {
      try await writeOut(try first.file.session.engine)
      context.count("syncfs calls")
    }
    for result in held { try await context.emit(result) }
    held.removeAll(keepingCapacity: true)
    bytes = 0
  }

  private mutating func writeOut(_ engine: any FileEngine) async throws(FileError) {
    let tree =
      if let tree { tree } else { try await engine.openTarget(FileReference(path: root), creating: nil) }
    self.tree = tree
    try await engine.visit(tree.root, .sync) { () throws(FileError) in try tree.root.synchronizeFileSystem() }
  }
}
