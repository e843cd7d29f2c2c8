import Glibc
import Synchronization

/// What the program has made for itself and will remove. A run that is interrupted is waited for until it has
/// (``Interruption``).
enum PendingCleanup {
  private static let count = Atomic<Int>(0)

  static var isPending: Bool { count.load(ordering: .acquiring) > 0 }

  /// Calls `body`, which removes what it makes, whether it succeeds or fails.
  ///
  /// Meanwhile a pipe that nothing reads any more makes writing to it fail, and does not end the process.
  static func during<R: Sendable>(_ body: () async throws -> R) async throws -> R {
    count.add(1, ordering: .acquiringAndReleasing)
    let action = signal(SIGPIPE, SIG_IGN)
    defer {
      // From an interruption on it stays ignored.
      if !Task.isCancelled { signal(SIGPIPE, action) }
      count.subtract(1, ordering: .acquiringAndReleasing)
    }
    return try await body()
  }
}
