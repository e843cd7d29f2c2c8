import FilePipeline
import FileTestSupport
import Glibc
import Testing

/// Why the ring's tests cannot run here, or nil.
let whyNoRing = FileEngineKind.uringRefusal?.sentence

/// The engines that tests run over.
let everyEngine = ["blocking", "threads", "uring"]

extension Trait where Self == ConditionTrait {
  /// Skips a test, visibly, where io_uring is refused and may be.
  static var needsRing: Self {
    .enabled("io_uring is refused here: \(whyNoRing ?? "")") { whyNoRing == nil || TestExpectation.isRequired }
  }
}

/// Skips the rest of a test, visibly, where io_uring is refused and may be.
func requireEngine(_ engine: String) throws {
  if engine == "uring", let whyNoRing, !TestExpectation.isRequired {
    try Test.cancel("io_uring is refused here: \(whyNoRing)")
  }
}
