import Glibc

/// What a process has used: getrusage(2), wait4(2).
package struct ResourceUsage: Sendable {
  /// Seconds of CPU, in user and kernel mode together.
  package var cpuSeconds: Double
  /// Voluntary and involuntary.
  package var contextSwitches: Int
  /// Those where a thread had to wait. The others depend on what else the machine does.
  package var voluntarySwitches: Int

  package init(cpuSeconds: Double, contextSwitches: Int, voluntarySwitches: Int = 0) {
    self.cpuSeconds = cpuSeconds
    self.contextSwitches = contextSwitches
    self.voluntarySwitches = voluntarySwitches
  }

  package init(_ usage: rusage) {
    let seconds = Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
    let microseconds = Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    self.init(
      cpuSeconds: seconds + microseconds / 1e6, contextSwitches: usage.ru_nvcsw + usage.ru_nivcsw,
      voluntarySwitches: usage.ru_nvcsw)
  }

  /// This process, all its threads, until now.
  package static var now: ResourceUsage {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return ResourceUsage(usage)
  }

  package static func - (later: Self, earlier: Self) -> Self {
    ResourceUsage(
      cpuSeconds: later.cpuSeconds - earlier.cpuSeconds,
      contextSwitches: later.contextSwitches - earlier.contextSwitches,
      voluntarySwitches: later.voluntarySwitches - earlier.voluntarySwitches)
  }
}
