import Glibc
import Synchronization
import SystemPackage

/// What to do when the process has no descriptor left (`EMFILE`), or the system (`ENFILE`).
enum DescriptorShortage {
  /// For so long the files that are being read have time to be closed. A guess.
  static let patience = Duration.seconds(2)
  /// Between two attempts: nobody says when a descriptor is closed, the rest of the program least of all. A guess.
  static let pauseMicroseconds: UInt32 = 500

  /// Of calls that wait: as long as one after another succeeds, none gives up.
  struct Outlook {
    private var lastSuccess = ContinuousClock.now
    /// Waiting has failed, and nothing has succeeded since: then each further call fails at once.
    private var isHopeless = false

    /// - Parameters:
    ///   - start: when the caller began to wait.
    ///   - hasTried: whether it has made attempts: only these tell that there is no hope for others.
    mutating func hasHope(since start: ContinuousClock.Instant, hasTried: Bool = true) -> Bool {
      let isPatient = ContinuousClock.now - max(start, lastSuccess) <= patience
      if hasTried && !isPatient { isHopeless = true }
      return isPatient && !isHopeless
    }
  }

  private struct Turn {
    var isTaken = false
    var outlook = Outlook()

    mutating func take() -> Bool {
      if isTaken { return false }
      isTaken = true
      return true
    }
  }

  /// One at a time waits, so that what comes free, one descriptor and another, is not shared out among those that need
  /// two.
  private static let turn = Mutex(Turn())

  /// Calls `call`, which answers a descriptor or a negated errno, and again without one that was kept for later, as
  /// long as there are any and it fails for want of a descriptor.
  static func givingUpOthers(_ call: () -> Int32) -> Int32 {
    for _ in 0..<DirectoryDescriptors.limit {
      let result = DescriptorReserve.withHeadroom(call)
      guard result < 0, Errno(rawValue: -result).isShortage, DirectoryDescriptors.giveUpOne() else { return result }
    }
    return DescriptorReserve.withHeadroom(call)
  }

  /// The same for a call that answers a descriptor.
  static func opening(_ call: () -> Int32) throws(Errno) -> FileDescriptor {
    let descriptor = givingUpOthers(call)
    if descriptor < 0 { throw Errno(rawValue: -descriptor) }
    return FileDescriptor(rawValue: descriptor)
  }

  /// Calls `body`, which opens what it takes. If there is no descriptor to be had, calls it again until something else
  /// is closed, for ``patience`` at most. Blocks: for threads that nobody needs to give descriptors back, as those of
  /// walks are.
  ///
  /// Where it throws, `body` must have closed what it opened.
  static func makingRoom(_ body: () throws(Errno) -> Int32) throws(Errno) -> Int32 {
    do throws(Errno) {
      return try body()
    } catch {
      guard error.isShortage else { throw error }
      return try waiting(body, after: error)
    }
  }

  /// No lock is held while `body` opens something: that may wait for a daemon that never answers, and the threads
  /// behind it then give up in their time.
  private static func waiting(
    _ body: () throws(Errno) -> Int32, after shortage: Errno
  ) throws(Errno) -> Int32 {
    let start = ContinuousClock.now
    var shortage = shortage
    var hasTurn = false
    defer { if hasTurn { turn.withLock { $0.isTaken = false } } }
    while true {
      if !hasTurn { hasTurn = turn.withLock { $0.take() } }
      if hasTurn {
        do throws(Errno) {
          let result = try body()
          turn.withLock { $0.outlook = Outlook() }
          return result
        } catch {
          guard error.isShortage else { throw error }
          shortage = error
        }
      }
      if !turn.withLock({ $0.outlook.hasHope(since: start, hasTried: hasTurn) }) { throw shortage }
      usleep(pauseMicroseconds)
    }
  }
}

extension Errno {
  /// Whether there is no descriptor left.
  var isShortage: Bool { self == .tooManyOpenFiles || self == .tooManyOpenFilesInSystem }
}
