import Dispatch
import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// Tasks that sleep, and the thread that wakes them.
///
/// Where the system has no room for that thread, the one that a task would sleep on wakes it, and is blocked meanwhile:
/// for as long as the task asked to sleep, and no longer whatever other tasks do. A timer of another kind would not
/// help: libdispatch's needs a thread, too, and so does Swift's own clock.
final class Sleepers: Sendable {
  private enum Sleeper {
    case asleep(until: ContinuousClock.Instant, UnsafeContinuation<Void, Never>)
    /// Before it fell asleep.
    case cancelled
  }

  private struct State {
    var sleepers: [UInt64: Sleeper] = [:]
    var next: UInt64 = 0
    /// Whether there is a thread.
    var isRunning = false
  }

  private let state = Mutex(State())
  /// The thread is to look again: a task may have fallen asleep whose time comes first.
  private let wakeUps = DispatchSemaphore(value: 0)
  /// Of a thread that blocks because there is no other. A guess: a cancelled task is not to wait for longer.
  private static let piece = Duration.milliseconds(10)
  private let startThread: @Sendable (@escaping @Sendable () -> Void) throws(Errno) -> Void

  /// - Parameter startThread: throws where there is no room for a thread.
  init(
    startThread: @escaping @Sendable (@escaping @Sendable () -> Void) throws(Errno) -> Void = { body throws(Errno) in
      try LinuxSystem.startThread(name: "sleep", body)
    }
  ) {
    self.startThread = startThread
  }

  func sleep(until deadline: ContinuousClock.Instant) async throws {
    let id = state.withLock { state in
      state.next += 1
      return state.next
    }
    // What was cancelled as it woke has left a mark.
    defer { state.withLock { $0.sleepers[id] = nil } }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { add(id, deadline, $0) }
    } onCancel: {
      cancel(id)
    }
    try Task.checkCancellation()
  }

  private func add(_ id: UInt64, _ deadline: ContinuousClock.Instant, _ continuation: UnsafeContinuation<Void, Never>) {
    let (isAsleep, isRunning) = state.withLock { state in
      guard state.sleepers[id] == nil else { return (false, true) }
      state.sleepers[id] = .asleep(until: deadline, continuation)
      return (true, state.isRunning)
    }
    if !isAsleep { return continuation.resume() }
    if isRunning {
      wakeUps.signal()
      return
    }
    do throws(Errno) {
      try startThread { self.wakeAll() }
    } catch {
      wakeWithoutThread(id)
    }
  }

  private func cancel(_ id: UInt64) {
    let sleeper = state.withLock { state in
      defer { state.sleepers[id] = state.sleepers[id] == nil ? .cancelled : nil }
      return state.sleepers[id]
    }
    guard case .asleep(_, let continuation) = sleeper else { return }
    continuation.resume()
    // The thread may have slept for this one alone.
    wakeUps.signal()
  }

  /// Wakes them when it is time, until none is left. If there is a thread already that is the one to look again: no
  /// task relies on a thread before it runs, so several may be started together.
  private func wakeAll() {
    let isFirst = state.withLock { state in
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if !isFirst {
      wakeUps.signal()
      return
    }
    while let left = wakeDue() {
      if left > .zero { _ = wakeUps.wait(timeout: left.dispatchTime) }
    }
  }

  private func wakeWithoutThread(_ id: UInt64) {
    while let left = wakeDue(only: id) {
      usleep(UInt32(min(max(left, .zero), Self.piece) / .microseconds(1)))
    }
  }

  /// Wakes the tasks whose time has come.
  ///
  /// - Parameter one: the only one to look at, by a thread that is not the one for all.
  /// - Returns: how long it is until the next is to be woken; nil if there is none.
  private func wakeDue(only one: UInt64? = nil) -> Duration? {
    let now = ContinuousClock.now
    let (due, left) = state.withLock { state in
      var (due, left) = ([UnsafeContinuation<Void, Never>](), Duration?.none)
      for case (let id, .asleep(let deadline, let continuation)) in state.sleepers where one == nil || id == one {
        if deadline <= now {
          due.append(continuation)
          state.sleepers[id] = nil
        } else {
          left = min(left ?? .seconds(Int64.max), deadline - now)
        }
      }
      if one == nil { state.isRunning = left != nil }
      return (due, left)
    }
    for continuation in due { continuation.resume() }
    return left
  }
}

extension Duration {
  /// The moment that is so far ahead.
  fileprivate var dispatchTime: DispatchTime {
    let (seconds, attoseconds) = components
    return .now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
  }
}
