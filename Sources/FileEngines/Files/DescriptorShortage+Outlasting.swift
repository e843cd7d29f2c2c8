import Synchronization
import SystemPackage

// Tasks wait for descriptors without a thread: those of an engine are what the tasks that hold some need, to get on and
// give them back.
extension DescriptorShortage {
  private struct Outlook {
    var lastSuccess = ContinuousClock.now
    /// Waiting has failed, and nothing has succeeded since: then each further call fails at its second attempt.
    var isHopeless = false
  }

  /// Of the calls that wait: as long as one after another succeeds, none gives up.
  private static let outlook = Mutex(Outlook())
  private static let moments = Moments()

  /// Calls `body`, and, if there was no descriptor to be had, again until there is one, or none of those that wait has
  /// got any for ``patience``.
  ///
  /// Where it throws, `body` must have closed what it opened: who waits holds nothing that others wait for.
  ///
  /// - Throws: what `body` throws; ``FileError/Cause/cancelled`` if the task is cancelled while it waits.
  static func outlasting<R: Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R {
    do throws(FileError) {
      return try await body()
    } catch {
      guard error.isShortage else { throw error }
    }
    let start = ContinuousClock.now
    while true {
      await moments.pause()
      if Task.isCancelled { throw FileError(file, operation, .cancelled) }
      do throws(FileError) {
        let result = try await body()
        outlook.withLock { $0 = Outlook() }
        return result
      } catch {
        guard error.isShortage && hasHope(since: start) else { throw error }
      }
    }
  }

  private static func hasHope(since start: ContinuousClock.Instant) -> Bool {
    outlook.withLock { outlook in
      if ContinuousClock.now - max(start, outlook.lastSuccess) > patience { outlook.isHopeless = true }
      return !outlook.isHopeless
    }
  }
}
