import FilePipeline
import Foundation
import Testing

/// Why the ring's tests cannot run here, or nil. CI must be able to run them: there, a missing io_uring is a failure.
let whyNoRing = FileEngineKind.uringRefusal?.sentence

/// The engines that tests run over.
let everyEngine = ["blocking", "threads", "uring"]

extension Trait where Self == ConditionTrait {
  /// Skips a test aloud where io_uring is refused, except in CI.
  static var needsRing: Self {
    .enabled("io_uring is refused here: \(whyNoRing ?? "")") { whyNoRing == nil || isCI }
  }
}

private let isCI = ProcessInfo.processInfo.environment["CI"] != nil

/// Skips the rest of a test aloud where io_uring is refused, except in CI.
func requireEngine(_ engine: String) throws {
  if engine == "uring", let whyNoRing, !isCI { try Test.cancel("io_uring is refused here: \(whyNoRing)") }
}
