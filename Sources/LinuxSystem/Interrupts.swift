import Glibc

/// Calls that a signal interrupts (`EINTR`), and that are made again.
package enum Interrupts {
  /// So many interruptions of one call one after another are none by signals: a file system may answer `EINTR` as it
  /// likes, for ever. A guess: a profiler interrupts a call some hundred times a second, and most have the kernel go on
  /// with it (`SA_RESTART`).
  package static let mostRetries = 100
}

/// Calls `body`, which answers -1 with an `errno` if it fails, again if a signal interrupts it, at most
/// ``Interrupts/mostRetries`` times.
package func retryOnInterrupt<Result: SignedInteger>(_ body: () -> Result) -> Result {
  for _ in 0..<Interrupts.mostRetries {
    let result = body()
    if result != -1 || errno != EINTR { return result }
  }
  return body()
}

/// The same for a call that answers a negated errno itself.
package func retryOnNegatedInterrupt<Result: SignedInteger>(_ body: () -> Result) -> Result {
  for _ in 0..<Interrupts.mostRetries {
    let result = body()
    if result != Result(-EINTR) { return result }
  }
  return body()
}

/// The answer of a system call, made again if a signal interrupts it; a negated errno if it fails.
package func negatedErrno(_ call: () -> Int32) -> Int32 {
  let result = retryOnInterrupt(call)
  return result == -1 ? -errno : result
}
