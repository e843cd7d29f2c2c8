import Glibc
import Synchronization

/// Leaves the last descriptors of the process to its other parts, however short the engines are of them.
///
/// libdispatch, whose threads Swift's tasks run on, opens a file of /proc about once a second, and ends the process with a
/// trap if it cannot (`_dispatch_workq_monitor_pools`; the same goes for its first timer). So an engine that works at the limit,
/// as it may, must not take the last descriptor even for a moment.
enum DescriptorReserve {
  /// Of libdispatch one for its look and three for its first timer (epoll, eventfd and timerfd), one for a `FileHandle`, and one
  /// for a call that is about to give back what it got.
  static let count = 6

  /// Descriptors are the lowest free numbers: who gets this one or a higher has taken one of the last. What the process has
  /// inherited may have high numbers, which are none of the reserve then.
  private static let line: Int32 = {
    var (end, missing) = (Int32(clamping: DescriptorLimit.soft), count)
    while end > 0 {
      let numbers = max(0, end - examinedTogether)..<end
      let free = DescriptorLimit.free(among: numbers)
      if free.count >= missing { return free[free.count - missing] }
      (end, missing) = (numbers.lowerBound, missing - free.count)
    }
    return 0
  }()
  /// Numbers that are looked at by one system call.
  private static let examinedTogether: Int32 = 64
  /// From here on one thread at a time opens, so that no more than one descriptor of the reserve is out for a moment. More
  /// threads than this are never about to open at once: a guess.
  private static let nearLine = line - 64
  /// Below this the shortage is over.
  private static let farLine = nearLine - 64

  private static let isNear = Atomic(false)
  private static let turn = Mutex(())

  /// Calls `open`, which answers a descriptor or a negated errno; answers the negated `EMFILE` in place of one of the last
  /// descriptors, which is closed.
  static func sparing(_ open: () -> Int32) -> Int32 {
    if nearLine > 0 && !isNear.load(ordering: .relaxed) {
      let result = open()
      if result < nearLine { return result }
      isNear.store(true, ordering: .relaxed)
      return admitted(result)
    }
    return turn.withLock { _ in
      let result = open()
      if result >= 0 && result < farLine { isNear.store(false, ordering: .relaxed) }
      return admitted(result)
    }
  }

  private static func admitted(_ result: Int32) -> Int32 {
    if result < line { return result }
    close(result)
    return -EMFILE
  }

  /// Whether a descriptor is none of the last.
  static func admits(_ descriptor: Int32) -> Bool { descriptor < line }
}
