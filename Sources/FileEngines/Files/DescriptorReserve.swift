import Glibc
import LinuxSystem
import Synchronization

/// Leaves the last descriptors of the process to its other parts, however short the engines are of them.
///
/// libdispatch, whose threads Swift's tasks run on, opens a file of /proc about once a second, and ends the process
/// with a trap if it cannot (`_dispatch_workq_monitor_pools`; the same goes for its first timer). So an engine that
/// works at the limit, as it may, must not take the last descriptor even for a moment.
enum DescriptorReserve {
  /// Of libdispatch one for its look and three for its first timer (epoll, eventfd and timerfd), one for a
  /// `FileHandle`, and one for ``hasRoom(for:)``, which is about to give back what it got.
  static let count = 6

  /// Descriptors are the lowest free numbers: a call that gets this one or a higher has taken one of the last. What the
  /// process has inherited may have high numbers, which are none of the reserve then.
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
  /// More threads than this are never about to open at once, and find out together that the line is near: a guess. As
  /// many files are opened by rings at once.
  static let mostTogether = 64
  /// From here on a call opens only where there is a number below the line for it.
  private static let nearLine = line - Int32(mostTogether)
  /// Below this the shortage is over.
  private static let farLine = nearLine - 64

  private static let isNear = Atomic(false)
  /// Opens that are under way near the line.
  private static let underWay = Mutex(0)

  /// Calls `open`, which answers a descriptor or a negated errno; answers the negated `EMFILE` in place of one of the
  /// last descriptors.
  ///
  /// `open` may wait for a daemon that never answers, so no lock is held meanwhile.
  static func withHeadroom(_ open: () -> Int32) -> Int32 {
    if nearLine > 0 && !isNear.load(ordering: .relaxed) {
      let result = open()
      if result < nearLine { return result }
      isNear.store(true, ordering: .relaxed)
      return admitted(result)
    }
    guard begin() else { return -EMFILE }
    let result = open()
    underWay.withLock { $0 -= 1 }
    if result >= 0 && result < farLine { isNear.store(false, ordering: .relaxed) }
    return admitted(result)
  }

  /// Whether there is a number for one more open. One that is under way may have got its number already, which the
  /// kernel gives it before it looks for the file, or not yet: it is taken to need one. So as many fewer files can be
  /// open as opens hang.
  private static func begin() -> Bool {
    underWay.withLock { count in
      if !hasRoom(for: count + 1) { return false }
      count += 1
      return true
    }
  }

  /// Whether so many numbers below the line are free: by taking them, since a number that an open holds which is under
  /// way is free to whatever else looks at it. By one thread at a time.
  private static func hasRoom(for count: Int) -> Bool {
    var taken: [Int32] = []
    defer { for descriptor in taken { close(descriptor) } }
    while taken.count < count {
      let descriptor = makeEventDescriptor()
      if descriptor < 0 { return false }
      taken.append(descriptor)
      if descriptor >= line { return false }
    }
    return true
  }

  /// The rest of the program may have taken the number in between.
  private static func admitted(_ result: Int32) -> Int32 {
    if result < line { return result }
    close(result)
    return -EMFILE
  }

  /// Finds out where the last descriptors begin.
  static func prepare() { _ = line }

  /// Whether a descriptor is none of the last.
  static func admits(_ descriptor: Int32) -> Bool { descriptor < line }

  /// Whether what opens must ask first (``withHeadroom(_:)``), as a ring cannot.
  static var isLineNear: Bool { nearLine <= 0 || isNear.load(ordering: .relaxed) }

  /// Whether files that no task is at work on should not go on holding descriptors such as this: the system gives the
  /// lowest number that is free, and one half of them is for the files that an engine has at hand.
  static func isScarce(_ descriptor: Int32) -> Bool { isLineNear || descriptor >= min(nearLine, line / 2) }

  /// A ring has opened this one.
  static func noteOpened(_ descriptor: Int32) {
    if descriptor >= nearLine { isNear.store(true, ordering: .relaxed) }
  }
}
