import FilePipeline
import Synchronization

/// Compares the results of all runs with those of the first, file by file.
///
/// It remembers a hash of each result, eight bytes a file, so that a difference can be named: the one thing here that grows
/// with the number of files.
struct ResultVerifier {
  private var reference: (engine: FileEngineKind, hashes: [Int])?
  private(set) var difference: Comparison.Difference?

  /// One run.
  final class Pass: Sendable {
    struct State {
      var hashes: [Int] = []
      /// The first file whose result is not the reference's.
      var differing: [UInt8]?
      var lastPath: [UInt8] = []
    }

    let engine: FileEngineKind
    private let reference: [Int]?
    fileprivate let state = Mutex(State())

    init(engine: FileEngineKind, reference: [Int]?) {
      self.engine = engine
      self.reference = reference
    }

    func check<Output: Hashable>(_ result: FileResult<Output>) {
      var hasher = Hasher()
      hasher.combine(result.path)
      switch result.outcome {
      case .success(let value):
        hasher.combine(value.output)
        hasher.combine(value.byteCount)
      case .failure(let error): hasher.combine(error.cause)
      }
      let hash = hasher.finalize()
      state.withLock { state in
        let index = state.hashes.count
        state.hashes.append(hash)
        state.lastPath = result.path
        guard let reference, state.differing == nil else { return }
        if index >= reference.count || reference[index] != hash { state.differing = result.path }
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
    var differing = state.differing
    // Files at the end are missing.
    if differing == nil && state.hashes.count < reference.hashes.count { differing = state.lastPath }
    if let differing, difference == nil {
      difference = Comparison.Difference(path: differing, engine: pass.engine, reference: reference.engine)
    }
  }
}
