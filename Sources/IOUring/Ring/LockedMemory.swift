import Glibc
import SystemPackage

/// The limit on locked memory, against which some kernels count the rings of all of a user's processes together.
enum LockedMemory {
  /// A ring that has been closed counts until the kernel gets round to freeing it: 20 to 30 ms on an idle machine
  /// (Linux 6.18, 8 rings closed and made again as an unprivileged user with 64 KiB). A guess: many times as long, for
  /// busy ones.
  private static let patience = Duration.seconds(1)
  /// Nobody says when it is freed.
  private static let pauseMicroseconds: UInt32 = 1000

  /// `RLIMIT_MEMLOCK`, which Swift's C library overlay does not show.
  private static let resource = __rlimit_resource_t(8)

  /// Calls `make`, and for ``patience`` again where there is no memory and the limit is not simply too low. Blocks.
  ///
  /// - Parameter size: what is counted at least, in bytes.
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

  /// Whether there is a limit, and room for so much when nothing else is counted.
  private static func mayHold(_ size: Int) -> Bool {
    var limit = rlimit()
    // RLIM_INFINITY, which the overlay does not show either.
    guard getrlimit(resource, &limit) == 0, limit.rlim_cur != .max else { return false }
    return size <= limit.rlim_cur
  }
}

extension Ring.Configuration {
  /// What the queues take at least, in bytes: 64 for each submission, 16 for each completion, of which there are twice
  /// as many as operations.
  var leastMemory: Int { 64 * Int(submissions) + 32 * Int(possibleOperations) }
}
