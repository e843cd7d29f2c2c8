import AsyncPipeline
import FileEngines

/// One worker of a stage that reads files.
@usableFromInline
final class FileWorker {
  @usableFromInline let session: FileSession
  @usableFromInline let meter: StageMeter
  /// Made for the first file, so that a worker without one costs nothing. The stage has made the engine by then.
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

  /// The session's engine, without taking its lock.
  func engine(for file: FileReference) throws(FileError) -> any FileEngine { try reader(for: file).engine }

  /// The stages of a recipe, whose buffers are reused for the next file.
  @usableFromInline
  func stages(of recipe: ByteRecipe) -> ByteStageChain {
    if let chain, chain.recipe === recipe { return chain.chain }
    let made = ByteStageChain(recipe.stages)
    chain = (recipe, made)
    return made
  }

  /// Reads a file and reduces it. Throws if the task is cancelled, and if the engine has failed.
  @inlinable
  func result<Reducer: ByteReducer>(
    of entry: FileEntry, _ retry: Retry, _ make: () -> Reducer
  ) async throws -> FileResult<Reducer.Output> {
    try await attempt(entry, retry) { () async throws(FileError) in
      var reducer = make()
      return try await reduce(entry, by: &reducer)
    }
  }

  /// Calls `body` until it succeeds or `retry` gives up. Throws if the task is cancelled, and if the engine has failed.
  ///
  /// - Parameter body: returns the output and the number of bytes that were read.
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

  /// Whether to retry a file that has failed; waits for the delay of the retry. Throws what ends the run.
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
  /// Throws what ends the run, if the error concerns more than its file: cancellation, or a failure of the engine.
  func endRun() throws {
    if isCancellation { throw CancellationError() }
    if let engineFailure { throw RunEndingFailure(engineFailure) }
  }
}

extension FileEngine {
  /// The executors of the workers that the engine wants: one for each.
  @inlinable public var workers: [any TaskExecutor] {
    lanes.flatMap { Array(repeating: $0.executor, count: $0.width) }
  }
}
