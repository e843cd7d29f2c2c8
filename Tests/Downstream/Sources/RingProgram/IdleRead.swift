import Glibc
import IOUring

/// What a thread has cost so far (getrusage(2), clock_gettime(2)).
struct ThreadUsage {
  /// By the clock of the thread's processor time.
  let processorTime: Duration
  /// How often it gave up the processor because it had nothing to do.
  let waits: Int

  /// Of the present thread.
  static func now() -> ThreadUsage {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    var usage = rusage()
    // RUSAGE_THREAD, which the C library's header declares only with _GNU_SOURCE.
    getrusage(__rusage_who_t(1), &usage)
    return ThreadUsage(
      processorTime: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec), waits: usage.ru_nvcsw)
  }

  static func - (later: ThreadUsage, earlier: ThreadUsage) -> ThreadUsage {
    ThreadUsage(processorTime: later.processorTime - earlier.processorTime, waits: later.waits - earlier.waits)
  }
}

/// A read of a pipe to which nothing is written for a while.
struct IdleRead {
  /// What a loop may cost while there is nothing to do, however long that takes: being asked twice what it has cost.
  static let mostProcessorTime = Duration.milliseconds(5)
  static let mostWaits = 8

  /// - Returns: the bytes that came in the end, and what the loop's thread has cost meanwhile.
  func read(after delay: Duration, on loop: RingLoop) async throws -> (bytes: [UInt8], usage: ThreadUsage) {
    let (reading, writing) = try FileDescriptor.pipe()
    defer {
      try? reading.close()
      try? writing.close()
    }
    let pending = Task(executorPreference: loop) {
      let buffer = IOBuffer(capacity: 4096)
      let count = try await loop.perform(.read(reading, into: buffer, at: -1))
      return buffer.withBytes(count) { $0.withUnsafeBytes { Array($0) } }
    }
    // The read is in flight once this has been through the ring, too.
    try await loop.perform(.noOperation())
    let before = await usage(of: loop)
    try await Task.sleep(for: delay)
    let usage = await usage(of: loop) - before
    try writing.writeAll("water".utf8)
    return (try await pending.value, usage)
  }

  private func usage(of loop: RingLoop) async -> ThreadUsage {
    await Task(executorPreference: loop) { ThreadUsage.now() }.value
  }
}
