import FilePipeline
import FileTestSupport
import Glibc
import Testing

/// Why the ring's tests cannot run here, or nil.
let whyNoRing = FileEngineKind.uringRefusal?.sentence

/// The engines that tests run over.
let everyEngine = ["blocking", "threads", "uring"]

extension Trait where Self == ConditionTrait {
  /// Skips a test aloud where io_uring is refused and may be.
  static var needsRing: Self {
    .enabled("io_uring is refused here: \(whyNoRing ?? "")") { whyNoRing == nil || RingExpectation.isRequired }
  }
}

extension Trait where Self == ConditionTrait {
  /// Skips a test aloud whose rings may not have room in the limit on locked memory, in bytes. Root's are not counted.
  static func needsLockedMemory(_ size: Int) -> Self {
    .enabled("rings of \(size) bytes, and the limit on locked memory is \(lockedMemoryLimit) (ulimit -l)") {
      geteuid() == 0 || lockedMemoryLimit >= size
    }
  }
}

/// Skips the rest of a test aloud where io_uring is refused and may be.
func requireEngine(_ engine: String) throws {
  if engine == "uring", let whyNoRing, !RingExpectation.isRequired {
    try Test.cancel("io_uring is refused here: \(whyNoRing)")
  }
}
