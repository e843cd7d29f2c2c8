import DequeModule
import Dispatch
import LinuxSystem
import Synchronization
import SystemPackage

/// The thread of a simulated engine. Calls that are under way are held until no task has anything else to do; then one
/// of them is let go, chosen by the seed.
///
/// Both queues are as long as the engine has tasks: each has one job ready, or one call under way.
final class SimulatedLane: TaskExecutor {
  private enum Step {
    case job(UnownedJob)
    case letGo(UnsafeContinuation<Void, Never>)
    case sleep, end
  }

  private struct State {
    var jobs = Deque<UnownedJob>()
    var held: [UnsafeContinuation<Void, Never>] = []
    var random: SplitMix64
    var isSleeping = false
    var isClosed = false
  }

  private let state: Mutex<State>
  private let reorders: Bool
  private let wakeUp = DispatchSemaphore(value: 0)
  private let ended = Latch<Void>()

  init(seed: UInt64, reorders: Bool) throws(Errno) {
    state = Mutex(State(random: SplitMix64(state: seed)))
    self.reorders = reorders
    try startThread(name: "simulated") { self.work() }
  }

  var isCurrent: Bool { ExecutorThread.isRunning(self) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isAccepted = change { state in
      if state.isClosed { return false }
      state.jobs.append(job)
      return true
    }
    // After the end, a thread for the job alone: no task is left suspended for ever.
    if !isAccepted { runOnSpareThread(job, self) }
  }

  /// Returns when it is the caller's turn. Cancellation changes nothing.
  func waitForTurn() async {
    await withUnsafeContinuation { continuation in
      let isHeld = change { state in
        if !state.isClosed { state.held.append(continuation) }
        return !state.isClosed
      }
      if !isHeld { continuation.resume() }
    }
  }

  func shutDown() async {
    precondition(!isCurrent, "a thread cannot wait for its own end")
    _ = change { state in
      state.isClosed = true
      return true
    }
    await ended.value
  }

  /// Changes the state, and wakes the thread if it sleeps.
  private func change(_ body: (inout sending State) -> Bool) -> Bool {
    let (result, shallWake) = state.withLock { state in
      let result = body(&state)
      defer { state.isSleeping = false }
      return (result, state.isSleeping)
    }
    if shallWake { wakeUp.signal() }
    return result
  }

  // MARK: On the thread

  private func work() {
    ExecutorThread(self).mark {
      let executor = asUnownedTaskExecutor()
      loop: while true {
        switch nextStep() {
        case .job(let job): job.runSynchronously(on: executor)
        case .letGo(let continuation): continuation.resume()
        case .sleep: wakeUp.wait()
        case .end: break loop
        }
      }
    }
    ended.open(with: ())
  }

  private func nextStep() -> Step {
    state.withLock { state in
      if let job = state.jobs.popFirst() { return .job(job) }
      if !state.held.isEmpty {
        let index = reorders ? Int.random(in: state.held.indices, using: &state.random) : 0
        return .letGo(state.held.remove(at: index))
      }
      if state.isClosed { return .end }
      state.isSleeping = true
      return .sleep
    }
  }
}
