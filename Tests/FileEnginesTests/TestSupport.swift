import Dispatch
import FileEngines
import FileTestSupport
import Testing

/// Runs `body` with an engine of its own. Where io_uring may be missing, the ring's case is skipped aloud.
@discardableResult
func withEngine<R: Sendable>(
  _ kind: FileEngineKind, _ configuration: FileEngineConfiguration = .small,
  _ body: (any FileEngine) async throws -> R
) async throws -> R {
  if kind == .uring, let refusal = FileEngineKind.uringRefusal, !RingExpectation.isRequired {
    try Test.cancel("io_uring is refused here. \(refusal.sentence)")
  }
  return try await withFreshEngine(kind, configuration, body)
}

/// The error that `body` throws.
func failure(_ body: () async throws -> Void) async throws -> FileError {
  do {
    try await body()
  } catch let error as FileError {
    return error
  }
  throw NoFailure()
}

struct NoFailure: Error {}

/// Blocks the thread, which Swift would rather not let a task do.
func enterWait(_ semaphore: DispatchSemaphore) {
  semaphore.wait()
}
