import Synchronization

/// Blocks tasks until it is opened, once.
final class Gate: Sendable {
  private let waiting = Mutex<[UnsafeContinuation<Void, Never>]?>([])

  func open() {
    let freed = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting ?? []
    }
    for continuation in freed { continuation.resume() }
  }

  /// Ignores cancellation, as uninterruptible work does.
  func wait() async {
    await withUnsafeContinuation { continuation in
      let isOpen = waiting.withLock { waiting in
        waiting?.append(continuation)
        return waiting == nil
      }
      if isOpen { continuation.resume() }
    }
  }
}
