import Glibc
import Synchronization
import SystemPackage

/// What to do when the process has no descriptor left (`EMFILE`), or the system (`ENFILE`).
enum DescriptorShortage {
  /// For so long the files that are being read have time to be closed. A guess.
  private static let patience = Duration.seconds(2)
  /// Between two attempts: nobody says when a descriptor is closed, the rest of the program least of all. A guess.
  private static let pauseMicroseconds: UInt32 = 500

  private struct Turn {
    /// Waiting has failed, and nothing has succeeded since: then each further file fails at once.
    var isHopeless = false
  }

  /// One at a time waits, so that what comes free, one descriptor and another, is not shared out among those that need two.
  private static let turn = Mutex(Turn())

  /// Calls `call`, which answers a descriptor or a negated errno, and again without one that was kept for later, as long as
  /// there are any and it fails for want of a descriptor.
  static func givingUpOthers(_ call: () -> Int32) -> Int32 {
    for _ in 0..<DirectoryDescriptors.limit {
      let result = DescriptorReserve.sparing(call)
      guard result < 0, Errno(rawValue: -result).isShortage, DirectoryDescriptors.giveUpOne() else { return result }
    }
    return DescriptorReserve.sparing(call)
  }

  /// Both: ``givingUpOthers(_:)``, and ``makingRoom(_:)``. Blocks.
  ///
  /// - Parameter call: answers a descriptor or a negated errno.
  static func opening(_ call: () -> Int32) throws(Errno) -> FileDescriptor {
    let descriptor = try makingRoom { () throws(Errno) in
      let result = givingUpOthers(call)
      if result < 0 { throw Errno(rawValue: -result) }
      return result
    }
    return FileDescriptor(rawValue: descriptor)
  }

  /// Calls `body`, which opens what it takes. If there is no descriptor to be had, and `patiently`, calls it again until
  /// something else is closed, for ``patience`` at most. Blocks.
  ///
  /// Where it throws, `body` must have closed what it opened. Who holds descriptors that others wait for must not wait here.
  static func makingRoom(
    patiently: Bool = true, _ body: () throws(Errno) -> Int32
  ) throws(Errno) -> Int32 {
    do throws(Errno) {
      return try body()
    } catch {
      guard patiently && error.isShortage else { throw error }
    }
    return try waiting(body)
  }

  private static func waiting(_ body: () throws(Errno) -> Int32) throws(Errno) -> Int32 {
    try turn.withLock { turn throws(Errno) in
      let deadline = ContinuousClock.now + patience
      while true {
        do throws(Errno) {
          let result = try body()
          turn.isHopeless = false
          return result
        } catch {
          guard error.isShortage else { throw error }
          if turn.isHopeless || ContinuousClock.now > deadline {
            turn.isHopeless = true
            throw error
          }
        }
        usleep(pauseMicroseconds)
      }
    }
  }
}

extension Errno {
  /// Whether there is no descriptor left.
  var isShortage: Bool { self == .tooManyOpenFiles || self == .tooManyOpenFilesInSystem }
}
