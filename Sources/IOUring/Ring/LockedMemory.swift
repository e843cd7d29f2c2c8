import Glibc
import SystemPackage

/// The limit on locked memory. Some kernels count the rings of all of a user's processes together against it.
enum LockedMemory {
  /// A closed ring counts until the kernel has freed it: 20 to 30 ms on an idle machine (Linux 6.18, 8 rings closed and
  /// made again as an unprivileged user with 64 KiB). A guess: many times as long, for busy machines.
  private static let patience = Duration.seconds(1)
  /// The kernel does not notify when it has freed a ring.
  private static let pauseMicroseconds: UInt32 = 1000

  /// `RLIMIT_MEMLOCK`, which Swift's C library overlay lacks.
  private static let resource = __rlimit_resource_t(8)

  /// Calls `make`, and repeats the call for up to ``patience`` if it fails for lack of memory although the limit allows
  /// `size`. Blocks.
  ///
  /// - Parameter size: the least that is counted, in bytes.
  static func waitingForRoom<R>(for size: Int, _ make: () throws(Errno) -> R) throws(Errno) -> R {
    let start = ContinuousClock.now
    while true {
      do throws(Errno) {
        return try make()
      } catch {
        guard error == .noMemory, mayHold(size), ContinuousClock.now - start < patience else { throw error }
      }
      usleep(pauseMicroseconds)
    }
  }

  /// Whether there is a limit, and it allows so much if nothing else is counted.
  private static func mayHold(_ size: Int) -> Bool {
    var limit = rlimit()
    // RLIM_INFINITY, which the overlay lacks, too.
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur != .max else { return false }
    return size <= limit.rlim_cur
  }
}

extension Ring.Configuration {
  /// The least size of the queues, in bytes: 64 for each submission, 16 for each completion; there are twice as many
  /// completions as operations.
  var leastMemory: Int { 64 * Int(submissions) + 32 * Int(possibleOperations) }
}
