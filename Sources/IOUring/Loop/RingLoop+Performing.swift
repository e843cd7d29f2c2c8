import Glibc
import SystemPackage

extension RingLoop {
  /// Performs an operation and waits for its completion.
  ///
  /// Suspends while the loop has as many operations in flight as ``Ring/Configuration/operations`` allows; who waits
  /// first is served first.
  ///
  /// Cancelling the task has the following effect.
  /// - Before the operation is submitted (the task waits for a place): it never begins, `ECANCELED`.
  /// - While it is in flight: the kernel is asked to give it up, once, however often the task is cancelled. The call
  ///   returns when the operation has completed, with `ECANCELED`, or with its own result if it was too late.
  /// - After it has completed: none.
  ///
  /// An operation that is begun in a task already cancelled is submitted and cancelled, unless it would have to wait
  /// for a place. A close that has been submitted is never given up: nobody would know that the file is still open.
  ///
  /// - Returns: the result, which is not negative; see the entry for its meaning.
  /// - Throws: the errno of the operation; `ECANCELED` if the task was cancelled, or the loop shut down meanwhile;
  ///   `ESHUTDOWN` if it had been shut down before; ``failure`` if the ring has failed.
  @discardableResult
  public func perform(_ entry: SubmissionEntry) async throws(Errno) -> Int32 {
    try Self.value(await complete(entry))
  }

  /// Performs an operation, but for no longer than `timeout`, measured on the monotonic clock from when it is
  /// submitted. If the time is up before the operation has completed it is cancelled, in the same way as by the
  /// cancellation of the task.
  ///
  /// It takes two places of ``Ring/Configuration/operations``: one is that of a timer of the kernel. So it holds for
  /// every operation, whereas ``OperationChain/within(_:)`` does not reach those that begin in a worker thread.
  ///
  /// - Throws: `ETIMEDOUT` if the operation was cancelled because its time was up; `ECANCELED` if the task was
  ///   cancelled before that; `EINVAL` if the loop has one place only; what ``perform(_:)-(SubmissionEntry)`` throws.
  @discardableResult
  public func perform(_ entry: SubmissionEntry, within timeout: Duration) async throws(Errno) -> Int32 {
    let timed = OperationChain(entry).beside(.timeout(timeout))
    return try Self.value(await withTaskExecutorPreference(self) { await completeTimedOnLoop(timed) })
  }

  /// Performs a chain of operations, which the kernel takes all together. Suspends until there is room for all of it.
  ///
  /// Cancelling the task cancels the operation that the kernel is at, and so those behind it, but for those that run
  /// ``OperationChain/always(_:)``: these are cancelled each in its turn, closes excepted. A timeout of the chain
  /// changes nothing in that; if it runs out first the result is `ETIMEDOUT`, else `ECANCELED`.
  ///
  /// - Returns: the result of each operation, in their order. What could not begin because another failed has
  ///   `ECANCELED`: those behind it; or all others, if the kernel has found it malformed or forbidden, which it sees
  ///   before the first begins. All are `EINVAL` if the chain is longer than the ring's queue, `ESHUTDOWN` if the loop
  ///   is shut down.
  public func perform(_ chain: OperationChain) async -> [Result<Int32, Errno>] {
    chain.results(await withTaskExecutorPreference(self) { await completeOnLoop(chain) })
  }

  static func value(_ result: Int32) throws(Errno) -> Int32 {
    if result < 0 { throw Errno(rawValue: -result) }
    return result
  }

  static func value(_ ending: Result<Int32, NotBegun>) throws(Errno) -> Int32 {
    switch ending {
    case .success(let result): try value(result)
    case .failure(let reason): throw reason.errno
    }
  }

  // MARK: On the loop's thread

  // What a preference is given for, and is called, runs where the preference says, and goes on there after each
  // suspension; a closure with a preference need not. When the loop has ended it runs elsewhere, without a core.

  /// The result of an operation, an errno with its sign changed among them; or why it was not begun.
  ///
  /// - Parameter waitsIfCancelled: whether the operation is to have its place even if the task is cancelled.
  func complete(_ entry: SubmissionEntry, waitsIfCancelled: Bool = false) async -> Result<Int32, NotBegun> {
    if let ticket = core?.newTicket(), let completion = await completeAtOnce(entry, ticket) {
      return .success(completion.result)
    }
    return await withTaskExecutorPreference(self) { await completeOnLoop(entry, waitsIfCancelled).map(\.result) }
  }

  @concurrent func completeOnLoop(
    _ entry: SubmissionEntry, _ waitsIfCancelled: Bool = false
  ) async -> Result<Ring.Completion, NotBegun> {
    switch await begin(1, waitsIfCancelled: waitsIfCancelled, { $0.push(entry) }) {
    case .success(let id): .success(await completion(of: id))
    case .failure(let reason): .failure(reason)
    }
  }

  @concurrent private func completeOnLoop(_ chain: OperationChain) async -> [Int32] {
    let count = chain.entries.count
    switch await begin(count, { $0.push(chain) }) {
    case .success(let ids):
      var results: [Int32] = []
      // In their order: the task waits for, and cancels, the operation that the kernel performs at the time.
      for id in ids { results.append(await completion(of: id).result) }
      return results
    case .failure(let reason):
      return Array(repeating: -reason.errno.rawValue, count: count)
    }
  }

  @concurrent private func completeTimedOnLoop(_ timed: OperationChain) async -> Result<Int32, NotBegun> {
    switch await begin(timed.entries.count, { $0.pushTimed(timed) }) {
    case .success(let (id, timer)):
      let result = await completion(of: id).result
      let isOverdue = core?.endDeadline(timer, of: id) ?? false
      return .success(isOverdue && result == -ECANCELED ? -ETIMEDOUT : result)
    case .failure(let reason):
      return .failure(reason)
    }
  }

  /// Begins operations by `push`, which answers nil if the kernel is short of room, as soon as there are slots for so
  /// many.
  func begin<Begun>(
    _ count: Int, waitsIfCancelled: Bool = false, _ push: (LoopCore) -> Begun?
  ) async -> Result<Begun, NotBegun> {
    while true {
      if let reason = await waitForSlots(count, waitsIfCancelled) { return .failure(reason) }
      if let core, let begun = push(core) { return .success(begun) }
      // Completions make room.
      core?.deliver()
      await Task.yield()
    }
  }

  /// Returns nil when there are slots, which the caller must use before it suspends; or why there are none to wait for.
  private func waitForSlots(_ count: Int, _ waitsIfCancelled: Bool) async -> NotBegun? {
    guard let longest = core?.longestChain else { return finalRefusal }
    if count > longest { return .tooLong }
    if core?.mustWait(forSlots: count) == true {
      if let reason = await suspendForSlots(count, waitsIfCancelled) { return reason }
      core?.redeemSlots(count)
    }
    guard let core, let reason = core.refusal else { return nil }
    core.serveBacklog()
    return reason
  }

  /// Nil with promised slots.
  private func suspendForSlots(_ count: Int, _ waitsIfCancelled: Bool) async -> NotBegun? {
    let ticket = core!.newTicket()
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        // A cancellation before this has found nobody.
        if Task.isCancelled && !waitsIfCancelled {
          continuation.resume(returning: .cancelled)
        } else {
          core!.backlog.append(continuation, ticket: ticket, count: count)
        }
      }
    } onCancel: {
      if !waitsIfCancelled { cancelWaiter(ticket) }
    }
  }

  /// Begins an operation and waits for it, if it can be begun at once. Nil if not: there is no room, or others wait for
  /// it and are to come first, or the task is not on the loop's thread.
  private func completeAtOnce(_ entry: SubmissionEntry, _ ticket: UInt64) async -> Ring.Completion? {
    await withTaskCancellationHandler {
      // In an actor each call before this may have been a suspension, after which the task goes on anywhere and at any
      // time. From the look at the thread to the wait there is none.
      await withUnsafeContinuation { continuation in
        if core?.begin(entry, ticket, continuation) != true { continuation.resume(returning: nil) }
      }
    } onCancel: {
      cancelWaiter(ticket)
    }
  }

  /// Waits for an operation that was begun. On the loop's thread.
  func completion(of id: OperationID) async -> Ring.Completion {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { core!.wait(for: id, $0) }!
    } onCancel: {
      cancel(id)
    }
  }

  // MARK: Several in flight

  /// Begins an operation without waiting for it, for a caller that keeps several in flight. On the loop's own thread
  /// only.
  ///
  /// - Returns: its name, with which ``result(of:)`` must be called, once; or nil if there is no room for it just now,
  ///   or on another thread.
  package func start(_ entry: SubmissionEntry) -> OperationID? {
    core?.start(entry)
  }

  /// Waits for an operation that was started. If the task is cancelled, so is the operation, and the call returns when
  /// the kernel has let go of its memory.
  ///
  /// - Throws: the errno of the operation; `ESHUTDOWN` if the loop has ended since it was started; ``failure`` if the
  ///   ring has failed.
  package func result(of id: OperationID) async throws(Errno) -> Int {
    if let completion = core?.takeArrived(id) { return Int(try Self.value(completion.result)) }
    return Int(try Self.value(await withTaskExecutorPreference(self) { await resultOnLoop(of: id) }))
  }

  @concurrent private func resultOnLoop(of id: OperationID) async -> Int32 {
    core == nil ? -finalRefusal.errno.rawValue : await completion(of: id).result
  }

  // MARK: Cancelling

  /// Cancels an operation in flight, from any thread.
  package func cancel(_ id: OperationID) {
    if let core {
      core.cancel(id)
    } else {
      // A loop that has shut down has cancelled it already.
      _ = leave { $0.cancellations.append(id) }
    }
  }

  /// Ends the wait of a task that was cancelled, by its ticket, from any thread.
  func cancelWaiter(_ ticket: UInt64) {
    if let core {
      core.cancelWaiter(ticket)
    } else {
      // On a loop that has shut down nobody waits.
      _ = leave { $0.cancelledWaiters.append(ticket) }
    }
  }
}
