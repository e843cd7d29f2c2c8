import Glibc
import SystemPackage

/// Decides what to do when io_uring_enter(2) has failed: repeat the call, after pauses that grow, or give the ring up.
///
/// It counts failures in succession. After a failure the next call must not wait for completions: every signal
/// interrupts a wait, so a wait that fails does not tell whether the ring can be entered; a call that only submits
/// does.
struct EnterRetries {
  /// With the pauses below, some 1.4 s of failures in succession. A guess: a kernel that is short of memory recovers in
  /// less, and a user should not wait longer for the error.
  static let limit = 20
  /// The first retries are immediate: a signal came, or completions had to be taken first.
  private static let withoutPause = 3
  /// In milliseconds.
  private static let longestPause = 128

  private(set) var failures = 0

  enum Decision: Equatable {
    case retry(afterMilliseconds: Int)
    case giveUp
  }

  mutating func decide(after error: Errno) -> Decision {
    failures += 1
    guard error.isTransient, failures <= Self.limit else { return .giveUp }
    if failures <= Self.withoutPause { return .retry(afterMilliseconds: 0) }
    let doublings = failures - Self.withoutPause - 1
    return .retry(afterMilliseconds: doublings < 7 ? 1 << doublings : Self.longestPause)
  }

  mutating func succeed() {
    failures = 0
  }

  /// Blocks for the pause before the next call. False if the ring is to be given up.
  mutating func pause(after error: Errno) -> Bool {
    guard case .retry(let milliseconds) = decide(after: error) else { return false }
    if milliseconds > 0 { usleep(UInt32(milliseconds) * 1000) }
    return true
  }
}

extension Errno {
  /// Whether io_uring_enter(2) may succeed when it is repeated: a signal came, or the kernel is short of memory or of
  /// room for completions.
  var isTransient: Bool {
    [.interrupted, .resourceTemporarilyUnavailable, .resourceBusy, .noMemory].contains(self)
  }

  /// `EBADR`: the kernel has dropped completions, so that some operations in flight never complete
  /// (io_uring_enter(2)).
  static let lostCompletions = Errno(rawValue: EBADR)
}
