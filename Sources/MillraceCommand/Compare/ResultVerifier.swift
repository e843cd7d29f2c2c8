import FilePipeline
import Synchronization

/// Compares the results of all runs with those of the first, file by file.
///
/// It keeps a hash of each result, eight bytes per file, so that a difference can be located. Nothing else here grows
/// with the number of files.
struct ResultVerifier {
  private var reference: (engine: FileEngineKind, hashes: [Int])?
  private(set) var difference: ResultDifference?

  /// One run.
  final class Pass: Sendable {
    struct State {
      var hashes: [Int] = []
      /// Where the results first differ from the reference's.
      var location: ResultDifference.Location?
      var lastPath: [UInt8]?
    }

    let engine: FileEngineKind
    private let reference: [Int]?
    fileprivate let state = Mutex(State())

    /// Whether the other runs are compared with this one.
    var isFirst: Bool { reference == nil }

    init(engine: FileEngineKind, reference: [Int]?) {
      self.engine = engine
      self.reference = reference
    }

    func check<Output: Hashable>(_ result: FileResult<Output>) {
      check(result.pathBytes, result.outcome.map { Counted(value: $0, byteCount: result.byteCount) })
    }

    private struct Counted<Value: Hashable>: Hashable {
      let value: Value
      let byteCount: Int64
    }

    /// - Parameter outcome: what must be the same in each run.
    func check(_ path: [UInt8], _ outcome: Result<some Hashable, FileError>) {
      var hasher = Hasher()
      hasher.combine(path)
      switch outcome {
      case .success(let value): hasher.combine(value)
      case .failure(let error): hasher.combine(error.cause)
      }
      let hash = hasher.finalize()
      state.withLock { state in
        let index = state.hashes.count
        state.hashes.append(hash)
        state.lastPath = path
        guard let reference, state.location == nil else { return }
        if index >= reference.count {
          state.location = .extra(path)
        } else if reference[index] != hash {
          state.location = .at(path)
        }
      }
    }
  }

  func pass(by engine: FileEngineKind) -> Pass {
    Pass(engine: engine, reference: reference?.hashes)
  }

  mutating func finish(_ pass: Pass) {
    let state = pass.state.withLock { $0 }
    guard let reference else {
      self.reference = (pass.engine, state.hashes)
      return
    }
    var location = state.location
    if location == nil && state.hashes.count < reference.hashes.count { location = .missing(after: state.lastPath) }
    if let location, difference == nil {
      difference = ResultDifference(location: location, engine: pass.engine, reference: reference.engine)
    }
  }
}

/// A difference between the results of two engines.
struct ResultDifference: Sendable, Equatable {
  enum Location: Sendable, Equatable {
    /// The first file whose result differs, or that is another file.
    case at([UInt8])
    /// The first of the files that the reference did not have after its last one.
    case extra([UInt8])
    /// The last file, if there is one: the reference had more.
    case missing(after: [UInt8]?)
  }

  let location: Location
  let engine: FileEngineKind
  /// The engine that came first.
  let reference: FileEngineKind

  var path: [UInt8]? {
    switch location {
    case .at(let path), .extra(let path): path
    case .missing(let path): path
    }
  }

  var message: String {
    switch location {
    case .at: "the \(engine) engine's result is not that of the \(reference) engine"
    case .extra: "the \(engine) engine found this file, the \(reference) engine did not"
    case .missing(nil): "the \(engine) engine found no file, the \(reference) engine did"
    case .missing: "the \(engine) engine found no file after this one, the \(reference) engine did"
    }
  }
}
