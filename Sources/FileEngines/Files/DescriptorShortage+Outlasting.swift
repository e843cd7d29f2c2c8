import Synchronization
import SystemPackage

// Tasks wait for descriptors without a thread: those of an engine are what the tasks that hold some need, to get on and
// give them back.
extension DescriptorShortage {
  private static let outlook = Mutex(Outlook())
  private static let retryTimer = RetryTimer()

  /// Calls `body`, and, if there was no descriptor to be had, again until there is one, or none of those that wait has
  /// got any for ``patience``.
  ///
  /// Where it throws, `body` must have closed what it opened: who waits holds nothing that others wait for.
  ///
  /// - Throws: what `body` throws; ``FileError/Cause/cancelled`` if the task is cancelled while it waits.
  static func outlasting<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R {
    do throws(FileError) {
      return try await body()
    } catch {
      guard error.isShortage else { throw error }
    }
    let start = ContinuousClock.now
    while true {
      await retryTimer.pause()
      if Task.isCancelled { throw FileError(file(), operation, .cancelled) }
      do throws(FileError) {
        let result = try await body()
        outlook.withLock { $0 = Outlook() }
        return result
      } catch {
        guard error.isShortage && outlook.withLock({ $0.hasHope(since: start) }) else { throw error }
      }
    }
  }
}
