import CUring
import Glibc
import Synchronization
import SystemPackage

/// A thread with an io_uring and a run queue, which Swift tasks can run on.
///
/// A task that is placed on the loop (`group.addTask(executorPreference: loop)`, `Task(executorPreference: loop)`) runs on
/// the loop's thread. When it awaits an operation it fills a submission queue entry and suspends; when no task is ready to
/// run, one io_uring_enter(2) submits all that they filled and sleeps until something completes. So sixty-four tasks that
/// each await a read cost one system call, and batching needs no interface of its own.
///
/// Operations may be awaited from any thread. From another than the loop's they cost a hop there and a hop back.
///
/// Cancelling a task cancels the operation that it awaits: the kernel is asked to give it up, and the await ends only when
/// the kernel has let go of the operation's memory, with ``/SystemPackage/Errno/canceled`` or, if the request came too late,
/// with the operation's own result.
///
/// A loop lives until ``shutDown()``.
public final class RingLoop: TaskExecutor {
  let mailbox = LoopMailbox()
  let counters = LoopCounters()
  let messagePlaces = MessagePlaces()
  let wakeUpDescriptor: FileDescriptor
  private let ending = Latch<Void>()
  private let ringDescriptor = Atomic<Int32>(-1)

  /// Starts the thread and makes the ring.
  ///
  /// - Parameter name: of the thread; the system shows its first 15 bytes.
  /// - Throws: what ``Ring/init(_:)`` throws, or `EAGAIN` if the system has no room for another thread.
  public init(_ configuration: Ring.Configuration = Ring.Configuration(), name: String = "ring-loop") throws(Errno) {
    let descriptor = curing_eventfd()
    if descriptor < 0 { throw Errno(rawValue: -descriptor) }
    wakeUpDescriptor = FileDescriptor(rawValue: descriptor)
    let start = Latch<Result<Void, Errno>>()
    try startThread(name: name) { self.work(configuration, start) }
    try start.wait().get()
  }

  deinit {
    try? wakeUpDescriptor.close()
  }

  /// The whole life of the thread. The core, and with it the ring, is made and unmade here.
  private func work(_ configuration: Ring.Configuration, _ start: Latch<Result<Void, Errno>>) {
    do throws(Errno) {
      let core = try LoopCore(self, configuration)
      ringDescriptor.store(core.ringDescriptor, ordering: .relaxed)
      ExecutorThread(self, core: core).mark {
        start.open(with: .success(()))
        core.run()
        ringDescriptor.store(-1, ordering: .relaxed)
      }
    } catch {
      start.open(with: .failure(error))
    }
    ending.open(with: ())
  }

  /// The descriptor of the ring, for ``Ring/Configuration/sharedWorkers`` of other rings. Valid until ``shutDown()``.
  public var sharedWorkers: Int32 { ringDescriptor.load(ordering: .relaxed) }

  // MARK: Jobs

  /// Takes a job of Swift's runtime. From the loop's own thread it costs no lock; from another it wakes the loop if it sleeps.
  ///
  /// A job that comes after the loop has shut down runs on a thread of its own, so that no task is left suspended for ever.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if let core = ExecutorThread.core(of: self) {
      core.append(job)
    } else if !leave({ $0.jobs.append(job) }) {
      runOnSpareThread(job, self)
    }
  }

  /// Leaves something for the loop's thread and wakes it if need be. False if the loop has shut down.
  private func leave(_ change: (inout LoopMailbox.Contents) -> Void) -> Bool {
    switch mailbox.leave(change) {
    case .closed: return false
    case .accepted(let shallWake):
      if shallWake { wake() }
      return true
    }
  }

  /// Completes the read that the loop has armed on the descriptor.
  private func wake() {
    var one: UInt64 = 1
    // It can fail only if the counter is at its end, and then the loop is awake.
    _ = withUnsafeBytes(of: &one) { try? wakeUpDescriptor.write($0) }
  }

  /// Runs `body`, which may resume many tasks of these loops, and wakes each loop at most once, afterwards.
  package static func wakingOnce(_ loops: [RingLoop], _ body: () -> Void) {
    for loop in loops { loop.mailbox.beginDeferral() }
    body()
    for loop in loops where loop.mailbox.endDeferral() { loop.wake() }
  }

  // MARK: Operations

  /// Whether the present thread is the loop's own.
  public var isCurrent: Bool { ExecutorThread.isRunning(self) }

  /// The loop whose thread this is, if it is one's.
  public static var current: RingLoop? { ExecutorThread.currentLoop }

  /// Performs an operation and waits for its completion.
  ///
  /// Suspends while the loop has as many operations in flight as ``Ring/Configuration/operations`` allows; who waits first is
  /// served first.
  ///
  /// - Returns: the result, which is not negative; see the entry for its meaning.
  /// Cancelling the task has the following effect. Before the operation is submitted (the task waits for a place): it never
  /// begins, `ECANCELED`. While it is in flight: the kernel is asked to give it up, once, however often the task is cancelled;
  /// the call returns when the operation has completed, with `ECANCELED`, with `EINTR` where a worker thread was at it, or with
  /// its result if it was too late. After it has completed: none. An entry that was begun in a task already cancelled is
  /// submitted and cancelled.
  ///
  /// - Throws: the errno of the operation; `ECANCELED` if the task was cancelled, or the loop shut down meanwhile; `ESHUTDOWN`
  ///   if it had been shut down before.
  @discardableResult
  public func perform(_ entry: SubmissionEntry) async throws(Errno) -> Int32 {
    let result = await complete(entry)
    if result < 0 { throw Errno(rawValue: -result) }
    return result
  }

  /// Performs a chain of operations, which the kernel takes all together. Suspends until there is room for all of it.
  ///
  /// Cancelling the task cancels the operation that the kernel is at, and so those behind it, but for those that run
  /// ``OperationChain/always(_:)``: these are cancelled each in its turn. A timeout of the chain changes nothing in that; if it
  /// runs out first the result is `ETIMEDOUT`, else `ECANCELED`.
  ///
  /// - Returns: the result of each operation, in their order. The first failure is the cause; what could not begin because of
  ///   it has `ECANCELED`. All are `EINVAL` if the chain is longer than the ring's queue, `ESHUTDOWN` if the loop is shut down.
  public func perform(_ chain: OperationChain) async -> [Result<Int32, Errno>] {
    chain.results(await complete(chain))
  }

  /// Performs an operation, but for no longer than `timeout` once it has begun.
  ///
  /// - Throws: `ETIMEDOUT` if the time was up first, and what ``perform(_:)-(SubmissionEntry)`` throws.
  @discardableResult
  public func perform(_ entry: SubmissionEntry, within timeout: Duration) async throws(Errno) -> Int32 {
    try await perform(OperationChain(entry).within(timeout))[0].get()
  }

  private func complete(_ entry: SubmissionEntry) async -> Int32 {
    if let core = ExecutorThread.core(of: self) { return await core.perform(entry) }
    return await withTaskExecutorPreference(self) { await completeOnLoop(entry) }
  }

  private func complete(_ chain: OperationChain) async -> [Int32] {
    if let core = ExecutorThread.core(of: self) { return await core.perform(chain) }
    return await withTaskExecutorPreference(self) { await completeOnLoop(chain) }
  }

  // What is called with a preference runs where the preference says; a closure with a preference need not. A job that comes
  // after the loop has shut down runs elsewhere.

  @concurrent private func completeOnLoop(_ entry: SubmissionEntry) async -> Int32 {
    guard let core = ExecutorThread.core(of: self) else { return -ESHUTDOWN }
    return await core.perform(entry)
  }

  @concurrent private func completeOnLoop(_ chain: OperationChain) async -> [Int32] {
    guard let core = ExecutorThread.core(of: self) else {
      return Array(repeating: -ESHUTDOWN, count: chain.entries.count)
    }
    return await core.perform(chain)
  }

  /// Begins an operation without waiting for it, for a caller that keeps several in flight. On the loop's own thread only.
  ///
  /// - Returns: its name, with which ``result(of:)`` must be called, once; or nil if there is no room for it just now.
  package func start(_ entry: SubmissionEntry) -> OperationID? {
    ExecutorThread.core(of: self)?.start(entry)
  }

  /// Waits for an operation that was started. On the loop's own thread only. If the task is cancelled, so is the operation, and
  /// the call returns when the kernel has let go of its memory.
  package func result(of id: OperationID) async throws(Errno) -> Int {
    guard let core = ExecutorThread.core(of: self) else {
      preconditionFailure("called on another thread than the loop's")
    }
    let result = await core.result(of: id)
    if result < 0 { throw Errno(rawValue: -result) }
    return Int(result)
  }

  /// Cancels an operation in flight, from any thread.
  package func cancel(_ id: OperationID) {
    if let core = ExecutorThread.core(of: self) {
      core.cancel(id)
    } else {
      // A loop that has shut down has cancelled it already.
      _ = leave { $0.cancellations.append(id) }
    }
  }

  /// Ends the wait for a slot of a task that was cancelled, from any thread.
  func cancelWaiter(_ ticket: UInt64) {
    if let core = ExecutorThread.core(of: self) {
      core.cancelWaiter(ticket)
    } else {
      // A loop that has shut down has no backlog.
      _ = leave { $0.cancelledWaiters.append(ticket) }
    }
  }

  // MARK: Shutting down

  /// Ends the loop: refuses new operations, cancels those in flight, waits until the kernel has let go of their memory, lets
  /// the tasks that are ready run, and ends the thread. Calling it again waits for the same end.
  ///
  /// Not to be called from a task that runs on this loop. Cancelling the caller changes nothing.
  public func shutDown() async {
    precondition(!isCurrent, "a loop cannot wait for its own end")
    beginShutDown()
    await ending.value
  }

  /// The same without waiting for the end.
  package func beginShutDown() {
    _ = leave { $0.shallStop = true }
  }
}
