import Glibc
import LinuxSystem

/// Why the system has no room for another thread (`EAGAIN`).
package enum ThreadShortage {
  /// `RLIMIT_NPROC`, which Swift's C library overlay does not show.
  private static let resource = __rlimit_resource_t(6)

  /// The reason and the remedy, in a sentence or two.
  package static var advice: String {
    if !AddressSpace.canReserve(threadStackSize), let advice = AddressSpace.advice { return advice }
    var limit = rlimit()
    getrlimit(resource, &limit)
    // RLIM_INFINITY, which the overlay does not show.
    let value = limit.rlim_cur == .max ? "there is none" : "it is \(limit.rlim_cur)"
    return "There is no room for another thread (EAGAIN). Raise the limit on the user's processes and threads "
      + "(ulimit -u; \(value)), or the container's (pids.max)."
  }
}
