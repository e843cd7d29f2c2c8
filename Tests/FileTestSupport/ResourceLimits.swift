import Glibc
import SystemPackage
import Testing

/// `RLIMIT_MEMLOCK`, which Swift's C library overlay does not show.
private let lockedMemory = __rlimit_resource_t(8)

/// The process's limit on locked memory, in bytes.
public var lockedMemoryLimit: Int {
  var limit = rlimit()
  getrlimit(lockedMemory, &limit)
  return Int(clamping: limit.rlim_cur)
}

extension Trait where Self == ConditionTrait {
  /// Skips a test aloud whose rings may not have room in the limit on locked memory, in bytes. Root's are not counted.
  /// The kernel counts a ring until some time after it was closed, so that many one after another need room too.
  public static func needsLockedMemory(_ size: Int) -> Self {
    .enabled("rings of \(size) bytes, and the limit on locked memory is \(lockedMemoryLimit) (ulimit -l)") {
      geteuid() == 0 || lockedMemoryLimit >= size
    }
  }
}

// MARK: For tests in processes of their own

/// Sets the process's soft limit on open descriptors, at most to the hard one, when the runtime has opened its own: see
/// ``settleDescriptors()``.
public func lowerDescriptorLimit(to count: Int) async throws {
  try await settleDescriptors()
  try setDescriptorLimit(to: count)
}

/// Sets the process's soft limit on open descriptors, at most to the hard one.
public func setDescriptorLimit(to count: Int) throws(Errno) {
  try lowerLimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), to: rlim_t(count))
}

/// Returns when the runtime has opened what it keeps open, so that a test can tell what is taken and what is free.
///
/// libdispatch looks at its threads once a second. The thread for its timers opens the descriptor of the first one: on
/// a busy machine long after the process has begun. And glibc opens a file of /sys for a moment, on whichever thread
/// needs its ninth arena, unless it is told how many there may be.
///
/// - Throws: ``DescriptorsNotSettled`` after half a minute without that descriptor.
public func settleDescriptors() async throws {
  limitArenas()
  // The clock of libdispatch's own timer: a sleep takes no descriptor beside that one.
  let clock = SuspendingClock()
  let deadline = clock.now + .seconds(30)
  while !hasTimerDescriptor {
    if clock.now > deadline { throw DescriptorsNotSettled() }
    try await clock.sleep(for: .milliseconds(1))
  }
}

/// libdispatch has no descriptor for its timers.
public struct DescriptorsNotSettled: Error {}

private var hasTimerDescriptor: Bool {
  TemporaryDirectory.descriptorTargets().contains(Array("anon_inode:[timerfd]".utf8))
}

/// Whether the runtime has a file open that it closes a moment later: libdispatch one of /proc/self/task, for its look
/// at its threads, or glibc one of /sys.
public var runtimeHasFileOpen: Bool {
  TemporaryDirectory.descriptorTargets().map { String(decoding: $0, as: UTF8.self) }.contains {
    $0.hasPrefix("/proc/") && $0.contains("/task/") || $0.hasPrefix("/sys/")
  }
}

/// Sets the process's soft limit on locked memory, in bytes, at most to the hard one.
public func lowerLockedMemoryLimit(to size: Int) throws(Errno) {
  try lowerLimit(lockedMemory, to: rlim_t(size))
}

/// `mallopt(M_ARENA_MAX, 8)`, mallopt(3), which Swift's C library overlay does not show.
private func limitArenas() {
  guard let mallopt = dlsym(nil, "mallopt") else { return }
  let maximalArenas: Int32 = -8
  _ = unsafeBitCast(mallopt, to: (@convention(c) (Int32, Int32) -> Int32).self)(maximalArenas, 8)
}

private func lowerLimit(_ resource: __rlimit_resource_t, to value: rlim_t) throws(Errno) {
  var limit = rlimit()
  getrlimit(resource, &limit)
  limit.rlim_cur = min(value, limit.rlim_max)
  if setrlimit(resource, &limit) != 0 { throw Errno(rawValue: errno) }
}
