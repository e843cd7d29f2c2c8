import Glibc
import SystemPackage

extension RingLoop {
  /// Performs an operation and waits for its completion.
  ///
  /// Suspends while the loop has as many operations in flight as ``Ring/Configuration/operations`` allows; tasks are
  /// served in the order of their arrival.
  ///
  /// Cancelling the task has the following effect.
  /// - Before the operation is submitted (the task waits for a slot): it never begins, `ECANCELED`.
  /// - While it is in flight: the kernel is asked to give it up, once, however often the task is cancelled. The call
  ///   returns when the operation has completed, with `ECANCELED`, or with its own result if it was too late.
  /// - After it has completed: none.
  ///
  /// An operation of a task that is already cancelled is submitted and cancelled, unless it would have to wait for a
  /// slot. A close that has been submitted is never cancelled: the file would stay open, and no code would know.
  ///
  /// - Returns: the value of the operation's result, which is not negative.
  /// - Throws: the errno of the operation; `ECANCELED` if the task was cancelled, or the loop shut down meanwhile;
  ///   `ESHUTDOWN` if it had been shut down before; ``failure`` if the ring has failed.
  @inlinable
  public func perform<Value>(_ operation: RingOperation<Value>) async throws(Errno) -> Value {
    try operation.value(await result(of: operation.entry))
  }

  /// Performs an operation, but for no longer than `timeout`, measured on the monotonic clock from when it is
  /// submitted. If the time is up before the operation has completed it is cancelled, in the same way as by the
  /// cancellation of the task.
  ///
  /// It takes two of ``Ring/Configuration/operations``: one is a timer of the kernel. So the limit applies to every
  /// operation, whereas ``OperationChain/within(_:)`` does not reach operations that begin in a worker thread.
  ///
  /// - Throws: `ETIMEDOUT` if the operation was cancelled because its time was up; `ECANCELED` if the task was
  ///   cancelled before that; `EINVAL` if the loop takes one operation only; what ``perform(_:)`` throws.
  @inlinable
  public func perform<Value>(
    _ operation: RingOperation<Value>, within timeout: Duration
  ) async throws(Errno) -> Value {
    try operation.value(await result(of: operation.entry, within: timeout))
  }

  /// Performs a chain of operations, which the kernel takes all together. Suspends until there is room for all of it.
  ///
  /// Cancelling the task cancels the operation that the kernel is performing, and so those linked behind it by
  /// ``OperationChain/then(_:)``; those linked by ``OperationChain/always(_:)`` are cancelled one after another as they
  /// begin, except closes. A timeout of the chain changes nothing in that; if it expires first the result is
  /// `ETIMEDOUT`, else `ECANCELED`.
  ///
  /// - Returns: the result of each operation, in their order. An operation that could not begin because another failed
  ///   has `ECANCELED`: those behind the failed one; or all others, if the kernel has found one malformed or forbidden,
  ///   which it sees before the first begins. All are `EINVAL` if the chain is longer than the ring's queue,
  ///   `ESHUTDOWN` if the loop is shut down.
  public func perform(_ chain: OperationChain) async -> [Result<Int32, Errno>] {
    switch await withTaskExecutorPreference(self, operation: { await completeOnLoop(chain, isCancellable: true) }) {
    case .completed(let results): chain.results(results)
    case .neverBegun(let reason): chain.results(chain.entries.map { _ in -reason.errno.rawValue })
    }
  }

  /// Performs a chain of operations to its end, whether or not the task is cancelled meanwhile: for operations that a
  /// system call on another thread would not give up either. It spares the task a cancellation handler.
  ///
  /// Suspends until there is room for all of it. That wait ends when the task is cancelled.
  ///
  /// - Returns: the result of each operation, in their order, as the kernel gives it: a negative one is an errno with
  ///   its sign changed. An operation that did not begin because another failed has `ECANCELED`. If the loop is shut
  ///   down meanwhile, what has not begun is cancelled.
  /// - Throws: why nothing was begun, so that no operation has had any effect: `ECANCELED` if the task was cancelled,
  ///   `EINVAL` if the chain is longer than the ring's queue, `ESHUTDOWN`, or ``failure``.
  package func performToEnd(_ chain: OperationChain) async throws(Errno) -> [Int32] {
    switch await withTaskExecutorPreference(self, operation: { await completeOnLoop(chain, isCancellable: false) }) {
    case .completed(let results): return results
    case .neverBegun(let reason): throw reason.errno
    }
  }

  // MARK: Several in flight

  /// Begins an operation without waiting for it, for a caller that keeps several in flight. On the loop's own thread
  /// only.
  ///
  /// - Returns: its identifier, with which ``result(of:)`` must be called, once; or nil if there is no room for it just
  ///   now, or on another thread.
  package func start<Value>(_ operation: RingOperation<Value>) -> OperationID? {
    core?.start(operation.entry)
  }

  /// Waits for an operation that was started. If the task is cancelled, so is the operation, and the call returns when
  /// the kernel has let go of its memory.
  ///
  /// - Throws: the errno of the operation; `ESHUTDOWN` if the loop has ended since it was started; ``failure`` if the
  ///   ring has failed.
  package func result(of id: OperationID) async throws(Errno) -> Int {
    if let completion = core?.takeArrived(id) { return Int(try Errno.check(completion.result)) }
    return Int(try Errno.check(await completion(of: id).result))
  }

  /// Cancels an operation in flight, from any thread.
  package func cancel(_ id: OperationID) {
    cancel(.operation(id))
  }

  // MARK: Results

  /// The result of an operation, or the reason why it was not begun as an errno with its sign changed.
  @usableFromInline
  func result(of entry: SubmissionEntry) async -> Int32 {
    entry.requireNoChosenBuffer()
    return entry.result(of: await complete(entry))
  }

  @usableFromInline
  func result(of entry: SubmissionEntry, within timeout: Duration) async -> Int32 {
    entry.requireNoChosenBuffer()
    return entry.result(
      of: await withTaskExecutorPreference(self) { await completeOnLoop(entry, within: timeout) })
  }

  private func complete(_ entry: SubmissionEntry) async -> Ending<Int32> {
    // On the loop's thread, with a free slot, the operation is begun without a change of executor.
    if case .begun(let id) = core?.begin(entry) { return .completed(await completion(of: id).result) }
    return await withTaskExecutorPreference(self) { await completeOnLoop(entry).map(\.result) }
  }

  // MARK: On the loop's thread

  // A function that is called by the closure of `withTaskExecutorPreference` and is `@concurrent` runs on the preferred
  // executor, also after each suspension; the closure itself need not. When the loop has ended it runs elsewhere, and
  // there is no core.

  @concurrent func completeOnLoop(_ entry: SubmissionEntry) async -> Ending<Ring.Completion> {
    let begin = await begin(1, waitsIfCancelled: entry.closesDirectDescriptor) { $0.push(entry) }
    return await ending(of: begin)
  }

  @concurrent private func completeOnLoop(_ entry: SubmissionEntry, within timeout: Duration) async -> Ending<Int32> {
    switch await begin(2, { $0.push(entry, within: timeout) }) {
    case .completed(let id):
      let result = await completion(of: id).result
      let isExpired = core?.endDeadline(of: id) ?? false
      return .completed(isExpired && result == -ECANCELED ? -ETIMEDOUT : result)
    case .neverBegun(let reason):
      return .neverBegun(reason)
    }
  }

  @concurrent private func completeOnLoop(_ chain: OperationChain, isCancellable: Bool) async -> Ending<[Int32]> {
    for entry in chain.entries { entry.requireNoChosenBuffer() }
    let begin = await begin(chain.entries.count) { $0.push(chain) }
    return await ending(of: begin, isCancellable: isCancellable).map { completion in
      completion.results.isEmpty ? chain.entries.map { _ in completion.result } : completion.results
    }
  }

  private func ending(
    of begin: Ending<OperationID>, isCancellable: Bool = true
  ) async -> Ending<Ring.Completion> {
    switch begin {
    case .completed(let id): .completed(await completion(of: id, isCancellable: isCancellable))
    case .neverBegun(let reason): .neverBegun(reason)
    }
  }

  /// Begins operations by `push` as soon as there are slots for `count` of them. On the loop's thread.
  ///
  /// - Parameter waitsIfCancelled: whether the wait for slots outlasts the cancellation of the task.
  func begin(
    _ count: Int, waitsIfCancelled: Bool = false, _ push: (LoopCore) -> Begin
  ) async -> Ending<OperationID> {
    while true {
      if let reason = await waitForSlots(count, waitsIfCancelled) { return .neverBegun(reason) }
      switch core.map(push) ?? .notOnLoop {
      case .begun(let id): return .completed(id)
      case .notOnLoop: return .neverBegun(finalRefusal)
      case .refused(let reason):
        core?.serveBacklog()
        return .neverBegun(reason)
      case .noRoom:
        // Completions make room.
        core?.deliver()
        await Task.yield()
      }
    }
  }

  /// Returns nil when there are slots, which the caller must use before it suspends; or why there are none to wait for.
  private func waitForSlots(_ count: Int, _ waitsIfCancelled: Bool) async -> Begin.Refusal? {
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

  /// Returns nil when the slots are promised.
  private func suspendForSlots(_ count: Int, _ waitsIfCancelled: Bool) async -> Begin.Refusal? {
    let id = core!.backlog.reserve()
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        // A cancellation before this has found no waiter.
        if Task.isCancelled && !waitsIfCancelled {
          core!.backlog.release(id)
          continuation.resume(returning: .cancelled)
        } else {
          core!.backlog.append(continuation, as: id, count: count)
        }
      }
    } onCancel: {
      if !waitsIfCancelled { cancel(.slots(id)) }
    }
  }

  // MARK: Completions

  /// Waits for an operation or chain that was begun, which the cancellation of the task cancels if `isCancellable`.
  func completion(of id: OperationID, isCancellable: Bool = true) async -> Ring.Completion {
    let completion =
      isCancellable
      ? await withTaskCancellationHandler {
        await completionHere(of: id)
      } onCancel: {
        cancel(.operation(id))
      }
      : await completionHere(of: id)
    if let completion { return completion }
    return await withTaskExecutorPreference(self) { await completionOnLoop(of: id, isCancellable) }
  }

  /// Returns nil on another thread than the loop's. In an actor each call may have been a suspension, after which the
  /// task continues on any thread. From the look at the thread to the wait there is none.
  private func completionHere(of id: OperationID) async -> Ring.Completion? {
    await withUnsafeContinuation { continuation in
      if let core { core.wait(for: id, continuation) } else { continuation.resume(returning: nil) }
    }
  }

  @concurrent private func completionOnLoop(of id: OperationID, _ isCancellable: Bool) async -> Ring.Completion {
    // A loop with operations in flight ends only if its ring has failed: the kernel may have performed the operation.
    if core == nil { return Ring.Completion(id: id, result: -finalRefusal.errno.rawValue, buffer: nil) }
    return await completion(of: id, isCancellable: isCancellable)
  }

  // MARK: Cancelling

  /// Carries out, or hands to the loop's thread, what a cancelled task asks for. From any thread.
  func cancel(_ cancellation: CrossThreadQueue.Cancellation) {
    if let core {
      core.cancel(cancellation)
    } else {
      // A loop that has shut down has ended every wait.
      _ = enqueue { $0.cancellations.append(cancellation) }
    }
  }
}

extension SubmissionEntry {
  /// The result of the operation, or of close(2) instead of a close that was never begun.
  fileprivate func result(of ending: Ending<Int32>) -> Int32 {
    (closedDescriptor.map { ending.closing($0) } ?? ending).result
  }

  /// A buffer that the kernel chose must be given back, and a caller that gets the result alone cannot do that.
  fileprivate func requireNoChosenBuffer() {
    precondition(bufferGroup == nil, "a loop reads into a chosen buffer by read(_:fromGroup:at:_:)")
  }
}
