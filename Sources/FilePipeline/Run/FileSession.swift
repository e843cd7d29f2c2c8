import AsyncPipeline
import FileEngines
import Synchronization

/// The state that the stages of one run share: the engine, the thread that lists the files, and the files to exclude.
///
/// The run closes it once, after its last stage has ended.
@usableFromInline
final class FileSession: RunResource {
  private struct Opened {
    let engine: any FileEngine
    /// Whether the run has made the engine, and shuts it down.
    let isOwn: Bool
    let fallback: FileEngineUnavailable?
    let before: FileEngineStatistics
  }

  private struct State {
    var opened: Result<Opened, any Error>?
    var lister: ThreadExecutor?
    var isClosed = false
  }

  private let source: EngineSource
  /// Files that are skipped.
  @usableFromInline let excluded: [FileIdentity]
  private let state = Mutex(State())
  private let count = Atomic<Int>(0)

  @usableFromInline
  init(_ source: EngineSource, excluding excluded: [FileIdentity] = []) {
    (self.source, self.excluded) = (source, excluded)
  }

  /// The engine. The first access makes it, which takes some milliseconds.
  ///
  /// - Throws: ``FileEngines/FileEngineUnavailable``; ``RunOver`` after the end of the run.
  @usableFromInline var engine: any FileEngine {
    get throws {
      try state.withLock { state in
        if state.isClosed { throw RunOver() }
        let opened = state.opened ?? Result { try open() }
        state.opened = opened
        return try opened.get().engine
      }
    }
  }

  /// The engine, for a file that is read outside of an operator, perhaps after the run.
  ///
  /// - Throws: an error of the file, with the cause ``FileEngines/FileError/Cause/engineShutDown`` after the end of the
  ///   run.
  func engine(for file: FileReference) throws(FileError) -> any FileEngine {
    do {
      return try engine
    } catch is RunOver {
      throw FileError(file, .open, .engineShutDown)
    } catch {
      throw file.processingFailure(error, at: 0)
    }
  }

  private func open() throws -> Opened {
    switch source.origin {
    case .shared(let engine):
      return Opened(engine: engine, isOwn: false, fallback: nil, before: engine.statistics)
    case .made(let choice, let configuration):
      let (engine, fallback) = try choice.makeEngine(configuration)
      return Opened(engine: engine, isOwn: true, fallback: fallback, before: FileEngineStatistics())
    }
  }

  /// The thread that lists the files, which may block. It is started before the engine, which takes as many threads as
  /// the system allows.
  ///
  /// - Throws: `Errno` `EAGAIN` if the system allows no further thread; ``RunOver`` after the end of the run.
  func makeLister() throws -> ThreadExecutor {
    try state.withLock { state in
      // Nothing would end the thread.
      if state.isClosed { throw RunOver() }
      let lister = try state.lister ?? ThreadExecutor(name: "file-source")
      state.lister = lister
      return lister
    }
  }

  /// Reserves positions for a batch of entries of the source, and returns the first.
  func position(ofNext entries: Int) -> Int {
    count.add(entries, ordering: .relaxed).oldValue
  }

  @usableFromInline
  func close(_ meter: StageMeter) async {
    // Results refer to the session, and may be kept longer than the run: the engine's buffers must not be.
    let (opened, lister) = state.withLock { state in
      defer { (state.isClosed, state.opened, state.lister) = (true, nil, nil) }
      return (try? state.opened?.get(), state.lister)
    }
    if let opened {
      report(opened, to: meter)
      if opened.isOwn { await opened.engine.shutDown() }
    }
    await lister?.shutDown()
  }

  /// Reports what the engine did during the run; where the engine is shared, the work of other runs is included.
  private func report(_ opened: Opened, to meter: StageMeter) {
    let fallback = opened.fallback.map { " io_uring was not used. \($0.description)" } ?? ""
    meter.note("The engine was \(opened.engine.kind).\(fallback)")
    let statistics = opened.engine.statistics - opened.before
    for (metric, count) in statistics.metrics where count > 0 { meter.count(metric, count) }
  }
}

/// The run has ended, and with it its engine.
private struct RunOver: Error {}

extension FileEngineStatistics {
  /// The counts by the names that a pipeline's report gives them.
  fileprivate var metrics: [(String, Int)] {
    [
      ("enters", Int(enters)), ("ring operations", Int(ringOperations)), ("files opened by helpers", Int(helperOpens)),
      ("calls by helpers", Int(helperCalls)), ("files written by chains", Int(filesWrittenByChain)),
      ("files written by calls", Int(filesWrittenByCalls)),
    ]
  }
}
