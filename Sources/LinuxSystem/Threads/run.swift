import CLinuxSystem

// The compiler lets a function that is called with a task executor preference run there. A closure with the preference
// need not, nor a function that is called by one with it: no change of executor is needed there. So each call goes
// through a `@concurrent` function.

/// Calls `body` on `executor`, and returns to the caller's executor with the result. Cancellation changes nothing.
package func run<R: ~Copyable & Sendable, Failure: Error>(
  on executor: some TaskExecutor, _ body: () throws(Failure) -> R
) async throws(Failure) -> R {
  var result: R?
  try await withTaskExecutorPreference(executor) { () async throws(Failure) in result = try await call(body) }
  return result.take()!
}

@concurrent private func call<R: ~Copyable & Sendable, Failure: Error>(
  _ body: () throws(Failure) -> R
) async throws(Failure) -> R {
  try body()
}

/// The same for a body that suspends. It is on `executor` whenever it runs.
package func runAsync<R: ~Copyable & Sendable, Failure: Error>(
  on executor: some TaskExecutor, _ body: () async throws(Failure) -> R
) async throws(Failure) -> R {
  var result: R?
  try await withTaskExecutorPreference(executor) { () async throws(Failure) in result = try await callAsync(body) }
  return result.take()!
}

@concurrent private func callAsync<R: ~Copyable & Sendable, Failure: Error>(
  _ body: () async throws(Failure) -> R
) async throws(Failure) -> R {
  // Swift 6.3 leaves out the change of executor in front of a closure that runs where its caller does, unless something
  // else is called before it.
  _ = linux_thread_mark()
  return try await body()
}
