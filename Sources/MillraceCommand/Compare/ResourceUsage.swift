import Glibc

/// What the process has used, by getrusage(2).
struct ResourceUsage: Sendable {
  /// Seconds of CPU, in user and kernel mode together.
  var cpuSeconds: Double
  /// Voluntary and involuntary.
  var contextSwitches: Int

  static var now: ResourceUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    let microseconds = Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    return ResourceUsage(
      cpuSeconds: seconds + microseconds / 1e6, contextSwitches: usage.ru_nvcsw + usage.ru_nivcsw)
  }

  static func - (later: Self, earlier: Self) -> Self {
    ResourceUsage(
      cpuSeconds: later.cpuSeconds - earlier.cpuSeconds,
      contextSwitches: later.contextSwitches - earlier.contextSwitches)
  }
}
