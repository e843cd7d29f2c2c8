import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// A thread with an io_uring and a run queue, which Swift tasks can run on.
///
/// A task that is placed on the loop (`group.addTask(executorPreference: loop)`, `Task(executorPreference: loop)`) runs
/// on the loop's thread. When it awaits an operation it fills a submission queue entry and suspends; when no task is
/// ready to run, one io_uring_enter(2) submits all filled entries and sleeps until something completes. So sixty-four
/// tasks that each await a read cost one system call, and batching needs no interface of its own.
///
/// Operations may be awaited from any thread. From a thread that is not the loop's they cost a hop there and a hop
/// back.
///
/// Cancelling a task cancels the operation that it awaits: the kernel is asked to give it up, and the await ends only
/// when the kernel has let go of the operation's memory, with ``/SystemPackage/Errno/canceled`` or, if the request came
/// too late, with the operation's own result. ``perform(_:)-(RingOperation<Value>)`` tells the cases apart.
///
/// A task that computes without awaiting anything blocks all others on the loop, as on every executor with one thread.
/// A task that calls `Task.yield()` now and then does not: after at most 16 jobs the loop takes completions, and after
/// at most 64 it enters the kernel for them, however many jobs are ready.
///
/// Other threads wake a sleeping loop once for everything that they enqueue until it is awake. An idle loop makes no
/// system calls.
///
/// A loop runs until ``shutDown()``. If its ring fails before, every operation throws ``failure``.
public final class RingLoop: TaskExecutor {
  let queue = CrossThreadQueue()
  let counters = LoopCounters()
  let messageCredits = MessageCredits()
  let ringDescriptor = SharedRingDescriptor()
  let wakeUpDescriptor: FileDescriptor
  private let ending = Latch<Void>()
  /// The errno of ``failure``, or 0.
  private let failureCode = Atomic<Int32>(0)

  /// Starts the thread, makes the ring, and performs a read by it: a loop that can be made can be used.
  ///
  /// - Parameter name: of the thread; the system shows its first 15 bytes.
  /// - Throws: the call that was refused: what ``Ring/init(_:)`` throws, and io_uring_enter(2), the read, or starting a
  ///   thread.
  public init(
    _ configuration: Ring.Configuration = Ring.Configuration(), name: String = "ring-loop"
  ) throws(RingRefusal) {
    let descriptor = makeEventDescriptor()
    if descriptor < 0 { throw RingRefusal(Errno(rawValue: -descriptor), of: .wakeUp) }
    wakeUpDescriptor = FileDescriptor(rawValue: descriptor)
    let start = Latch<Result<Void, RingRefusal>>()
    let (ending, handover) = (ending, Handover(self))
    do throws(Errno) {
      try startThreadPatiently(name: name) {
        handover.take()?.work(configuration, start)
        ending.open(with: ())
      }
    } catch {
      throw RingRefusal(error, of: .thread)
    }
    try start.wait().get()
  }

  deinit {
    try? wakeUpDescriptor.close()
  }

  /// Runs on the loop's thread from its start to its end. The core, and with it the ring, is made and destroyed here.
  private func work(_ configuration: Ring.Configuration, _ start: Latch<Result<Void, RingRefusal>>) {
    do throws(RingRefusal) {
      let core = try LoopCore(self, configuration)
      ringDescriptor.open(core.ring.descriptor)
      LoopThread(of: self, core).mark {
        start.open(with: .success(()))
        core.run()
        ringDescriptor.close()
      }
    } catch {
      start.open(with: .failure(error))
    }
  }

  /// Gives the thread its reference to the loop, which is released before the end of the thread is signalled: the last
  /// release closes the wake-up descriptor, so a caller that has waited for the end finds it closed.
  private final class Handover: Sendable {
    private let loop: Mutex<RingLoop?>

    init(_ loop: RingLoop) {
      self.loop = Mutex(loop)
    }

    func take() -> RingLoop? {
      loop.withLock { loop in
        defer { loop = nil }
        return loop
      }
    }
  }

  /// The descriptor of the ring, for ``Ring/Configuration/sharedWorkers`` of other rings. Valid until ``shutDown()``.
  public var sharedWorkers: Int32 { ringDescriptor.value ?? -1 }

  // MARK: Jobs

  /// Takes a job of Swift's runtime. On the loop's own thread this takes no lock; on another it wakes a sleeping loop.
  ///
  /// A job that is enqueued after the loop has shut down runs on a thread of its own, so that no task stays suspended
  /// for ever.
  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if let core = LoopThread.core(of: self) {
      core.append(job)
    } else if JobBatch.ofCurrentThread?.take(job, for: self) != true {
      enqueue(CollectionOfOne(job))
    }
  }

  /// Takes jobs from another thread.
  func enqueue(_ jobs: some Collection<UnownedJob>) {
    if enqueue({ $0.jobs.append(contentsOf: jobs) }) { return }
    for job in jobs { runOnSpareThread(job, self) }
  }

  /// Adds something to the next batch of the loop's thread, and wakes it if it sleeps. False if the loop has shut down.
  func enqueue(_ change: (inout CrossThreadQueue.Batch) -> Void) -> Bool {
    switch queue.enqueue(change) {
    case .closed: return false
    case .accepted(let shallWake):
      if shallWake { wake() }
      return true
    }
  }

  /// Completes the read of the wake-up descriptor that the loop has armed.
  func wake() {
    var one: UInt64 = 1
    // It can fail only if the counter is at its maximum, and then the loop is awake.
    _ = withUnsafeBytes(of: &one) { try? wakeUpDescriptor.write($0) }
  }

  /// Runs `body`, which may resume many tasks of these loops: their jobs are enqueued when it has returned, and each
  /// loop is woken at most once.
  ///
  /// For threads that run no executor's jobs.
  package static func wakingOnce(_ loops: [RingLoop], _ body: () -> Void) {
    let batch = JobBatch(for: loops)
    batch.mark(body)
    batch.deliver()
  }

  /// Whether the calling thread is the loop's own.
  public var isCurrent: Bool { ExecutorThread.isRunning(self) }

  /// The core, on the loop's own thread; nil elsewhere. Do not keep it across a suspension: a task that does not prefer
  /// the loop can be on its thread nevertheless and resume elsewhere, if it was begun there (`Task.immediate`) or is in
  /// an actor with tasks that do prefer it.
  var core: LoopCore? { LoopThread.core(of: self) }

  // MARK: Failing

  /// The errno with which io_uring_enter(2) has failed for good; nil as long as the ring works. Transient errors
  /// (`EINTR`, `EAGAIN`, `EBUSY`, `ENOMEM`) are retried for more than a second before that.
  ///
  /// Operations that were in flight have thrown it, and all later ones do, without being begun. The kernel may still
  /// perform what was in flight: those buffers must not be used for anything else, and are never freed; a descriptor
  /// that was being opened or closed may stay open. Tasks run on the loop's thread until ``shutDown()``.
  public var failure: Errno? {
    let code = failureCode.load(ordering: .acquiring)
    return code == 0 ? nil : Errno(rawValue: code)
  }

  /// For the loop's thread, before it refuses anything.
  func noteFailure(_ error: Errno) {
    failureCode.store(error.rawValue, ordering: .releasing)
  }

  /// Why nothing is begun on a loop whose thread has ended.
  var finalRefusal: Begin.Refusal { failure.map { .ringFailed($0) } ?? .shutDown }

  /// The core, on the loop's own thread, unless the loop refuses operations.
  func usableCore() throws(Errno) -> LoopCore {
    guard let core else { throw finalRefusal.errno }
    if let reason = core.refusal { throw reason.errno }
    return core
  }

  // MARK: Shutting down

  /// Ends the loop: refuses new operations, cancels those in flight, waits until the kernel has let go of their memory,
  /// runs the tasks that are ready, and ends the thread. Calling it again waits for the same end.
  ///
  /// A task that runs on this loop must not call it. Cancelling the caller has no effect.
  public func shutDown() async {
    precondition(!isCurrent, "a loop cannot wait for its own end")
    beginShutDown()
    await ending.value
  }

  /// The same without waiting for the end.
  package func beginShutDown() {
    _ = enqueue { $0.shutDownRequested = true }
  }

  /// The same for a loop that has performed nothing: it blocks for the end, which is short.
  package func endUnused() {
    beginShutDown()
    ending.wait()
  }
}
