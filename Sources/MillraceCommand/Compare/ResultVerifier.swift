import FilePipeline
import Synchronization

/// Compares the results of all runs with those of the first, file by file.
///
/// It remembers a hash of each result, eight bytes a file, so that a difference can be named: the one thing here that
/// grows with the number of files.
struct ResultVerifier {
  private var reference: (engine: FileEngineKind, hashes: [Int])?
  private(set) var difference: ResultDifference?

  /// One run.
  final class Pass: Sendable {
    struct State {
      var hashes: [Int] = []
      /// The first place where the results are not the reference's.
      var place: ResultDifference.Place?
      var lastPath: [UInt8]?
    }

    let engine: FileEngineKind
    private let reference: [Int]?
    fileprivate let state = Mutex(State())

    /// Whether the others are compared with this one.
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
        guard let reference, state.place == nil else { return }
        if index >= reference.count {
          state.place = .extra(path)
        } else if reference[index] != hash {
          state.place = .at(path)
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
    var place = state.place
    if place == nil && state.hashes.count < reference.hashes.count { place = .missing(after: state.lastPath) }
    if let place, difference == nil {
      difference = ResultDifference(place: place, engine: pass.engine, reference: reference.engine)
    }
  }
}
