import AsyncPipeline
import FileEngines
import Synchronization

/// What the stages of one run over files share: the engine, the thread that the files are listed on, and what the run
/// was told about all files.
@usableFromInline
final class FileSession: RunResource {
  private struct Opened {
    let engine: any FileEngine
    /// Whether the run has made the engine, and ends it.
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
  /// Files that are not read.
  @usableFromInline let excluded: [FileIdentity]
  private let state = Mutex(State())
  private let count = Atomic<Int>(0)

  @usableFromInline
  init(_ source: EngineSource, excluding excluded: [FileIdentity] = []) {
    (self.source, self.excluded) = (source, excluded)
  }

  /// The engine, which is made when it is first asked for. That takes some milliseconds.
  ///
  /// - Throws: ``FileEngines/FileEngineUnavailable``.
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

  /// The same for a file that is read outside of an operator, at a time of the caller's.
  ///
  /// - Throws: when the run has ended, or if there is no engine to be had.
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

  /// A thread that may block, for what lists the files. Asked for before the engine, which takes as many threads as
  /// there are.
  ///
  /// - Throws: `Errno` `EAGAIN` if the system has no room for it; when the run has ended.
  func makeLister() throws -> ThreadExecutor {
    try state.withLock { state in
      // Nothing would end it.
      if state.isClosed { throw RunOver() }
      let lister = try state.lister ?? ThreadExecutor(name: "file-source")
      state.lister = lister
      return lister
    }
  }

  /// The position of the first of some entries that the source gives, one batch after another.
  func position(ofNext entries: Int) -> Int {
    count.add(entries, ordering: .relaxed).oldValue
  }

  @usableFromInline
  func close(_ meter: StageMeter) async {
    // Results that are kept keep this, and are not to keep the engine's buffers.
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

  /// What the engine did meanwhile. Of a shared one that may be other runs' work too.
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
  /// As a pipeline's report has them.
  fileprivate var metrics: [(String, Int)] {
    [
      ("enters", Int(enters)), ("ring operations", Int(ringOperations)), ("files opened by helpers", Int(helperOpens)),
      ("calls by helpers", Int(helperCalls)), ("files written by chains", Int(filesWrittenByChain)),
      ("files written by calls", Int(filesWrittenByCalls)),
    ]
  }
}
