import Dispatch
import Synchronization
import SystemPackage

/// So many threads that the system has room for are left to the rest of the program by whatever starts several. A
/// guess: a walk, an output, and one more.
package let threadsLeftToOthers = 3

/// How many threads to keep of those that could be started: room for ``threadsLeftToOthers`` is left, but one is kept
/// in any case.
///
/// - Parameter started: up to ``threadsLeftToOthers`` more than are wanted.
package func threadsToKeep(of started: Int, wanted: Int) -> Int {
  min(started, max(1, min(wanted, started - threadsLeftToOthers)))
}

/// Starts up to `count` threads, each of which runs `body` and ends: fewer, or none, where the system has no room for
/// so many and some others.
///
/// To find out what room there is, some more are started, which end at once. (The limit would not tell: it counts the
/// threads of all the user's processes, and a control group has one of its own.) A single thread takes what there is.
/// The first is waited for a moment, since threads that are about to end make room.
///
/// - Returns: for each thread that runs `body`, what opens when it has ended.
package func startThreads(_ count: Int, name: String, _ body: @escaping @Sendable () -> Void) -> [Latch<Void>] {
  let admission = Admission()
  let most = count > 1 ? count + threadsLeftToOthers : count
  var started: [Latch<Void>] = []
  while started.count < most {
    let (ended, number) = (Latch<Void>(), started.count)
    do throws(Errno) {
      let thread: @Sendable () -> Void = {
        if admission.admits(number) { body() }
        ended.open(with: ())
      }
      if started.isEmpty {
        try startThreadPatiently(name: name, thread)
      } else {
        try startThread(name: name, thread)
      }
    } catch {
      break
    }
    started.append(ended)
  }
  let kept = threadsToKeep(of: started.count, wanted: count)
  admission.open(to: kept, of: started.count)
  return Array(started.prefix(kept))
}

/// Lets threads wait until it is known how many of them are kept.
private final class Admission: Sendable {
  private let kept = Atomic(0)
  private let isKnown = DispatchSemaphore(value: 0)

  func open(to kept: Int, of threads: Int) {
    self.kept.store(kept, ordering: .releasing)
    for _ in 0..<threads { isKnown.signal() }
  }

  /// Waits. Called once by each thread.
  func admits(_ number: Int) -> Bool {
    isKnown.wait()
    return number < kept.load(ordering: .acquiring)
  }
}
