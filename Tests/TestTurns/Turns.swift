import Glibc
import Synchronization

/// Admits a bounded number of suites at a time, first come first served: a lock with many readers and one writer, whose
/// readers are bounded too. A suite that waits holds no thread.
///
/// A suite that wants to be alone waits until the others have ended, and later suites wait for its end.
final class Turns: Sendable {
  /// One for each processor and one more: some wait for a disk, a child process or a time limit. One where descriptors
  /// or locked memory are enough for the rings of one suite only.
  static let shared = Turns(width: hasPlenty ? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) + 1 : 1)

  private static var hasPlenty: Bool {
    let fewestDescriptors: rlim_t = 256
    let leastLockedMemory: rlim_t = 8 << 20
    // RLIMIT_MEMLOCK, which Swift's C library overlay does not show. Root's is not counted.
    let lockedMemory = __rlimit_resource_t(8)
    return limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue)) >= fewestDescriptors
      && (geteuid() == 0 || limit(lockedMemory) >= leastLockedMemory)
  }

  private static func limit(_ resource: __rlimit_resource_t) -> rlim_t {
    var limit = rlimit()
    return getrlimit(resource, &limit) == 0 ? limit.rlim_cur : 0
  }

  private struct State {
    var running = 0
    var isAloneRunning = false
    var waiters: [(isAlone: Bool, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let width: Int
  private let state = Mutex(State())

  init(width: Int) {
    self.width = width
  }

  func begin(alone: Bool) async {
    await withCheckedContinuation { continuation in
      update { $0.waiters.append((alone, continuation)) }
    }
  }

  func end(alone: Bool) {
    update { state in
      state.running -= 1
      if alone { state.isAloneRunning = false }
    }
  }

  /// Changes the state and resumes the suites that may begin then.
  private func update(_ change: (inout State) -> Void) {
    let admitted = state.withLock { state in
      change(&state)
      var admitted: [CheckedContinuation<Void, Never>] = []
      while let next = state.waiters.first, mayBegin(alone: next.isAlone, state) {
        state.waiters.removeFirst()
        state.running += 1
        state.isAloneRunning = next.isAlone
        admitted.append(next.continuation)
      }
      return admitted
    }
    for continuation in admitted { continuation.resume() }
  }

  private func mayBegin(alone: Bool, _ state: State) -> Bool {
    alone ? state.running == 0 : !state.isAloneRunning && state.running < width
  }
}
