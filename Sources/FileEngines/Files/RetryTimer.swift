import DequeModule
import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// Lets tasks wait a moment where there are no descriptors, which timers would need. The thread for it ends with the
/// last of them.
///
/// As many tasks are in it as wait; only so many of them try again at a time.
final class RetryTimer: Sendable {
  /// After each pause. A guess: a thousand tasks that wait in vain then take a few hundredths of a processor.
  private static let tasksAtATime = 8

  private struct State {
    var waiting = Deque<UnsafeContinuation<Void, Never>>()
    var isRunning = false
  }

  private let state = Mutex(State())

  /// Returns a moment later, when it is the caller's turn. Cancellation changes nothing.
  func pause() async {
    await withUnsafeContinuation { continuation in
      let shallStart = state.withLock { state in
        state.waiting.append(continuation)
        defer { state.isRunning = true }
        return !state.isRunning
      }
      if shallStart { start() }
    }
  }

  private func start() {
    do throws(Errno) {
      try startThread(name: "descriptor-wait") { while self.letGo(afterPause: true) {} }
    } catch {
      // No thread, no pause.
      while letGo(afterPause: false) {}
    }
  }

  /// Whether there are more.
  private func letGo(afterPause: Bool) -> Bool {
    if afterPause { usleep(DescriptorShortage.pauseMicroseconds) }
    let (next, isRunning) = state.withLock { state in
      let next = Array(state.waiting.prefix(Self.tasksAtATime))
      state.waiting.removeFirst(next.count)
      state.isRunning = !state.waiting.isEmpty
      return (next, state.isRunning)
    }
    for continuation in next { continuation.resume() }
    return isRunning
  }
}
