import Glibc
import Synchronization

/// Counts the cleanups that are still to be done: ``Interruption`` waits for them before it ends the process.
enum PendingCleanup {
  private static let count = Atomic<Int>(0)

  static var isPending: Bool { count.load(ordering: .acquiring) > 0 }

  /// Calls `body`, which removes what it creates whether it succeeds or fails.
  ///
  /// Meanwhile SIGPIPE is ignored: writing to a pipe without a reader fails, and does not end the process.
  static func during<R: Sendable>(_ body: () async throws -> R) async throws -> R {
    count.add(1, ordering: .acquiringAndReleasing)
    let action = signal(SIGPIPE, SIG_IGN)
    defer {
      // After an interruption it stays ignored.
      if !Task.isCancelled { signal(SIGPIPE, action) }
      count.subtract(1, ordering: .acquiringAndReleasing)
    }
    return try await body()
  }
}
