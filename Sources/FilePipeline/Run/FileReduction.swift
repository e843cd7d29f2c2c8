import AsyncPipeline
import FileEngines
import Synchronization

/// A ``FilePipeline`` that comes to one value for each file; run it with ``forEach(on:drainsWhenCancelled:_:)`` or
/// ``collect()``.
public struct FileReduction<Reducer: ByteReducer>: Sendable {
  public typealias Result = FileResult<Reducer.Output>

  @usableFromInline let files: FilePipeline
  @usableFromInline let makeReducer: @Sendable () -> Reducer

  @inlinable
  init(files: FilePipeline, makeReducer: @escaping @Sendable () -> Reducer) {
    (self.files, self.makeReducer) = (files, makeReducer)
  }

  /// Reads the files and calls `body` with the result of each, one after another, in the order of the source.
  ///
  /// A file that cannot be read is a result too, and the others are read. Memory is bounded, whatever the number and
  /// the sizes of the files: a slow `body` slows the reading. An output with references may be large, and of those only
  /// some for each file that is read at a time are there at once.
  ///
  /// Cancelling the task cancels what is being read, waits until the kernel has let go of it, and throws
  /// `CancellationError`.
  ///
  /// - Parameters:
  ///   - executor: where `body` runs; by default where this was called. Give it a ``FileEngines/ThreadExecutor`` if it
  ///     blocks.
  ///   - drainsWhenCancelled: whether the results that wait for `body` are still passed to it when the task is
  ///     cancelled, or the run fails; else they are dropped. ``FilePipeline/resultBuffer`` of them may wait for a slow
  ///     `body`. What has not come so far, because a file before it is not finished or its batch is not, is dropped.
  ///   - body: called with one result after another.
  /// - Throws: ``FileEngines/FileEngineUnavailable`` if the engine cannot be had, ``FileEngines/FileEngineFailure`` if
  ///   it fails for good; `Errno` `EAGAIN` if the system has no room for the thread that lists the files; what the
  ///   source or `body` throws.
  @discardableResult
  @inlinable
  public func forEach(
    on executor: (any TaskExecutor)? = nil, drainsWhenCancelled: Bool = false,
    _ body: @escaping @Sendable (Result) async throws -> Void
  ) async throws -> FileReport {
    let start = ContinuousClock.now
    do {
      // Before the engine, which takes as many threads as there are.
      return try await withThreadExecutor(name: "file-source") { walker in
        try await files.engine.withEngine { engine, fallback in
          let before = engine.statistics
          let totals = Totals()
          let report = try await pipeline(engine, walker).forEach(
            on: executor, buffered: bounds(engine).buffered, drainsWhenCancelled: drainsWhenCancelled
          ) { result in
            totals.add(result)
            try await body(result)
          }
          return totals.report(
            duration: ContinuousClock.now - start, engine, engine.statistics - before, fallback, report.stages)
        }
      }
    } catch {
      // Files name themselves in their errors: the stage and the element would say nothing new.
      throw (error as? PipelineFailure)?.cause ?? error
    }
  }

  /// All results, in memory at once.
  @inlinable
  public func collect() async throws -> [Result] {
    let results = Mutex<[Result]>([])
    try await forEach { result in results.withLock { $0.append(result) } }
    return results.withLock { $0 }
  }

  @inlinable
  func pipeline(_ engine: any FileEngine, _ walker: ThreadExecutor) -> Pipeline<Result> {
    Pipeline(on: walker, batches: files.source.begin)
      .mapAsync(
        on: engine.workers, order: .input(window: bounds(engine).window), startingKey: { $0.inode },
        open: {
          (FileReader(engine, excluding: files.excluded, progress: files.progress), ByteStageChain(files.stages))
        }
      ) { worker, entry in try await result(of: entry, worker.0, worker.1) }
  }

  @inlinable
  func bounds(_ engine: any FileEngine) -> ResultBounds {
    ResultBounds(of: Result.self, Reducer.Output.self, workers: engine.workers.count)
  }

  @inlinable
  func result(
    of entry: FileEntry, _ reader: FileReader, _ chain: ByteStageChain
  ) async throws -> Result {
    do {
      return Result(.success(try await reduce(entry.get(), reader, chain)))
    } catch let error as FileError {
      if error.isCancellation { throw CancellationError() }
      if let failure = error.engineFailure { throw failure }
      return Result(.failure(error))
    }
  }

  @inlinable
  func reduce(
    _ file: FileReference, _ reader: FileReader, _ chain: ByteStageChain
  ) async throws -> Result.Value {
    var reducer = makeReducer()
    chain.begin()
    var (demand, failure) = (ByteDemand.more, nil as (any Error)?)
    let byteCount = try await reader.read(file) { bytes in
      if demand == .enough { return }
      do {
        demand = try chain.push(bytes, into: &reducer)
      } catch {
        (demand, failure) = (.enough, error)
      }
    }
    if let failure { throw failure }
    return Result.Value(file: file, output: try chain.finish(into: &reducer), byteCount: byteCount)
  }
}

extension FileEngine {
  /// An executor for each task that the engine wants, to place workers on.
  @inlinable public var workers: [any TaskExecutor] {
    lanes.flatMap { Array(repeating: $0.executor, count: $0.width) }
  }
}

extension FileEntry {
  /// What to start by: failures at once.
  @inlinable var inode: UInt64 {
    switch self {
    case .success(let file): file.inode
    case .failure: 0
    }
  }
}
