import AsyncPipeline
import FileEngines

/// The order in which the results of files leave.
public enum FileOrder: Sendable {
  /// That of the source: for a walk the byte order of the paths. Within a window the work is done in another: files
  /// that are neighbours on the disk are read together.
  case source
  /// As they are finished.
  case completion
}

extension PipelineProtocol where Element == FileEntry {
  /// Reads each file and brings its bytes to one value, by a reducer that is made anew for each file.
  ///
  /// A file that cannot be read is a result too (``FileResult/failure``), and the others are read; ``FileResult/value``
  /// in an operator behind it hands a failure to the pipeline's policy.
  ///
  /// - *emits* one result for each entry, in the order that `order` says
  /// - *suspends* the stage before it while as many files are read as the engine wants, and ``FilePipeline/window`` are
  ///   between entry and exit; fewer where the outputs have references, which may be large: two for each file that is
  ///   read at a time
  /// - *finishes* with the last file
  /// - *on cancel* what is being read is cancelled; it ends when the kernel has let go of it
  /// - *on failure* of the engine itself, or if there is none to be had, the run ends whatever the policy:
  ///   ``FileEngines/FileEngineFailure``, ``FileEngines/FileEngineUnavailable``
  ///
  /// - Parameters:
  ///   - order: of the results.
  ///   - retry: which failures are tried again, from the file's first byte and with a new reducer. They are of the type
  ///     ``FileEngines/FileError``.
  ///   - make: makes the reducer.
  @inlinable
  public func reduce<Reducer: ByteReducer>(
    order: FileOrder = .source, retry: Retry = .never, _ make: @escaping @Sendable () -> Reducer
  ) -> Pipeline<FileResult<Reducer.Output>> {
    let bounds = ResultBounds.Choice(of: FileResult<Reducer.Output>.self, Reducer.Output.self)
    return reading("reduce", by: .auto, bounds, order: order, startingKey: { $0.reference.inode }) { worker, entry in
      try await worker.result(of: entry, retry) { make() }
    }
  }
}

extension PipelineProtocol {
  /// Reads the file that each element names, and brings its bytes to one value; the element goes on with the result.
  ///
  /// It is otherwise as ``PipelineProtocol/reduce(order:retry:_:)``.
  ///
  /// ```swift
  /// Pipeline(expected)  // names and digests
  ///   .reduceFiles(at: { FileReference(path: $0.name) }) { DigestReducer($0.digest.algorithm) }
  ///   .filter { try $0.file.value != $0.element.digest }
  /// ```
  ///
  /// - Parameters:
  ///   - file: the file of an element; called once for each.
  ///   - engine: that reads them.
  ///   - order: of the results.
  ///   - window: how many elements are between entry and exit in the source's order; positive. By default
  ///     ``FilePipeline/window``, or two for each file that is read at a time where elements or outputs have
  ///     references: they may be large.
  ///   - retry: which failures are tried again.
  ///   - make: makes the reducer for an element's file.
  @inlinable
  public func reduceFiles<Reducer: ByteReducer>(
    at file: @escaping @Sendable (Element) -> FileReference, engine: EngineSource = .auto, order: FileOrder = .source,
    window: Int? = nil, retry: Retry = .never, _ make: @escaping @Sendable (Element) -> Reducer
  ) -> Pipeline<(element: Element, file: FileResult<Reducer.Output>)> {
    typealias Output = (element: Element, file: FileResult<Reducer.Output>)
    let bounds = ResultBounds.Choice(of: Output.self, (Element, Reducer.Output).self, window: window)
    return reading("reduce", by: engine, bounds, order: order, startingKey: nil) { worker, element in
      let entry = worker.entry(file(element))
      return (element, try await worker.result(of: entry, retry) { make(element) })
    }
  }

  /// A stage whose workers read files, as many as the engine wants at a time.
  @inlinable
  func reading<Output: Sendable>(
    _ name: String, by engine: EngineSource, _ bounds: ResultBounds.Choice, order: FileOrder,
    startingKey: (@Sendable (Element) -> UInt64)?,
    _ transform: @escaping @Sendable (FileWorker, Element) async throws -> Output
  ) -> Pipeline<Output> {
    mapAsync(
      name, sharing: { FileSession(engine) }, outputsWaiting: bounds.buffered,
      setUp: { session in
        let workers = try session.engine.workers
        let window = bounds.window(workers: workers.count)
        return SharedStageSetup(executors: workers, window: order == .source ? window : nil)
      },
      startingKey: startingKey, open: { session, _, meter in FileWorker(session, meter) }, transform)
  }
}

/// One task of a stage that reads files.
@usableFromInline
final class FileWorker {
  @usableFromInline let session: FileSession
  @usableFromInline let meter: StageMeter
  /// Made with the first file: a worker that never gets one costs nothing. The stage has had the engine by then.
  private lazy var openedReader = Result { FileReader(try session.engine) }
  private var chain: (recipe: ByteRecipe, chain: ByteStageChain)?

  @usableFromInline
  init(_ session: FileSession, _ meter: StageMeter) {
    (self.session, self.meter) = (session, meter)
  }

  @usableFromInline
  func entry(_ file: FileReference) -> FileEntry {
    FileEntry(WalkEntry(.success(file)), index: session.position(ofNext: 1), in: session)
  }

  @usableFromInline
  func reader(for file: FileReference) throws(FileError) -> FileReader {
    try file.processing { try openedReader.get() }
  }

  /// The same engine as the session's, without its lock.
  func engine(for file: FileReference) throws(FileError) -> any FileEngine { try reader(for: file).engine }

  /// The stages of a recipe, whose buffers are used again for the next file.
  @usableFromInline
  func stages(of recipe: ByteRecipe) -> ByteStageChain {
    if let chain, chain.recipe === recipe { return chain.chain }
    let made = ByteStageChain(recipe.stages)
    chain = (recipe, made)
    return made
  }

  /// What a file comes to. Throws if the task is cancelled, and if the engine has failed.
  @inlinable
  func result<Reducer: ByteReducer>(
    of entry: FileEntry, _ retry: Retry, _ make: () -> Reducer
  ) async throws -> FileResult<Reducer.Output> {
    try await attempt(entry, retry) { () async throws(FileError) in
      var reducer = make()
      return try await reduce(entry, by: &reducer)
    }
  }

  /// Calls `body`, again as `retry` says, until it does not fail. Throws if the task is cancelled, and if the engine
  /// has failed.
  ///
  /// - Parameter body: returns what the file comes to, and how many bytes were read of it.
  @inlinable
  func attempt<Output: Sendable>(
    _ entry: FileEntry, _ retry: Retry, _ body: () async throws(FileError) -> (Output, Int64)
  ) async throws -> FileResult<Output> {
    var attempt = 1
    while true {
      do throws(FileError) {
        let (output, count) = try await body()
        return FileResult(entry, .success(output), byteCount: count)
      } catch {
        guard try await isTriedAgain(after: error, attempt, retry) else { return FileResult(entry, .failure(error)) }
        attempt += 1
      }
    }
  }

  @inlinable
  func reduce<Reducer: ByteReducer>(
    _ entry: FileEntry, by reducer: inout Reducer
  ) async throws(FileError) -> (Reducer.Output, Int64) {
    let file = try entry.get()
    let reader = try reader(for: file)
    if let recipe = entry.recipe {
      let chain = stages(of: recipe)
      chain.begin()
      let count = try await reader.read(file, excluding: entry.session.excluded) { bytes throws -> ByteDemand in
        meter.add(bytes: bytes.byteCount)
        return try chain.push(bytes, into: &reducer)
      }
      return (try file.processing(at: count) { try chain.finish(into: &reducer) }, count)
    }
    let count = try await reader.read(file, excluding: entry.session.excluded) { bytes throws -> ByteDemand in
      meter.add(bytes: bytes.byteCount)
      try reducer.update(bytes)
      return reducer.hasEnough ? .enough : .more
    }
    return (try file.processing(at: count) { try reducer.finish() }, count)
  }

  /// Whether a file that has failed is tried again, after a wait. Throws what ends the run.
  @usableFromInline
  func isTriedAgain(after error: FileError, _ attempt: Int, _ retry: Retry) async throws -> Bool {
    try error.endRun()
    if error.cause == .excluded {
      meter.count("excluded files", 1)
      return false
    }
    guard let delay = retry.delay(after: attempt, error) else {
      meter.count("failed files", 1)
      return false
    }
    meter.add(attempts: 1)
    if delay > .zero { try await meter.wait(for: delay) }
    return true
  }
}

extension FileError {
  /// Throws what ends the run, if the error is about more than its file: the task is cancelled, or the engine has failed.
  func endRun() throws {
    if isCancellation { throw CancellationError() }
    if let engineFailure { throw RunEndingFailure(engineFailure) }
  }
}

extension FileEngine {
  /// An executor for each task that the engine wants, to place workers on.
  @inlinable public var workers: [any TaskExecutor] {
    lanes.flatMap { Array(repeating: $0.executor, count: $0.width) }
  }
}
