import DequeModule
import Synchronization

/// Lets the large files that one loop reads from the page cache have their turns, each to its end.
///
/// Such reads wait for nothing, so that to go on with several files by turns makes none of them faster: all would be
/// finished at the end, and no result before. Small files, and whatever waits for a disk, are not held up: who has the
/// turn yields.
final class CachedReadTurns: Sendable {
  private struct Line {
    var isTaken = false
    var waiting = Deque<UnsafeContinuation<Void, Never>>()
  }

  /// By the loop.
  private let lines = Mutex<[Int: Line]>([:])

  /// Suspends while another file of the loop has its turn; first come first served. Does not heed cancellation: the
  /// task that has the turn does, and soon ends it.
  func begin(loop: Int) async {
    await withUnsafeContinuation { continuation in
      let isFree = lines.withLock { lines in
        if lines[loop, default: Line()].isTaken {
          lines[loop]?.waiting.append(continuation)
          return false
        }
        lines[loop, default: Line()].isTaken = true
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  /// Called once for each ``begin(loop:)``.
  func end(loop: Int) {
    let next = lines.withLock { lines in
      let next = lines[loop]?.waiting.popFirst()
      if next == nil { lines[loop] = nil }
      return next
    }
    next?.resume()
  }

  /// How many wait for their turn.
  func waiting(loop: Int) -> Int {
    lines.withLock { $0[loop]?.waiting.count ?? 0 }
  }
}
