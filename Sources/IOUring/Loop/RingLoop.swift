import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// A thread with an io_uring and a run queue, which Swift tasks can run on.
///
/// A task that is placed on the loop (`group.addTask(executorPreference: loop)`, `Task(executorPreference: loop)`) runs
/// on the loop's thread. When it awaits an operation it fills a submission queue entry and suspends; when no task is
/// ready to run, one io_uring_enter(2) submits all that they filled and sleeps until something completes. So sixty-four
/// tasks that each await a read cost one system call, and batching needs no interface of its own.
///
/// Operations may be awaited from any thread. From another than the loop's they cost a hop there and a hop back.
///
/// Cancelling a task cancels the operation that it awaits: the kernel is asked to give it up, and the await ends only
/// when the kernel has let go of the operation's memory, with ``/SystemPackage/Errno/canceled`` or, if the request came
/// too late, with the operation's own result. ``perform(_:)-(SubmissionEntry)`` tells the cases apart.
///
/// A task that computes without awaiting anything holds up all others on the loop, as on every executor with one
/// thread. One that gives way now and then does not: after 16 jobs at the most the loop looks for completions, and
/// after 64 at the most it enters the kernel for them, however many jobs are ready.
///
/// Threads wake a sleeping loop once for all that they leave there until it is awake. An idle loop makes no system
/// calls.
///
/// A loop lives until ``shutDown()``. If its ring fails meanwhile, ``failure`` says why, and every operation throws
/// that.
public final class RingLoop: TaskExecutor {
  let mailbox = LoopMailbox()
  let counters = LoopCounters()
  let messagePlaces = MessagePlaces()
  let address = RingAddress()
  let wakeUpDescriptor: FileDescriptor
  private let ending = Latch<Void>()
  /// The errno of ``failure``, or 0.
  private let failureCode = Atomic<Int32>(0)

  /// Starts the thread, makes the ring, and performs a read by it: where the loop can be had it can be used.
  ///
  /// - Parameter name: of the thread; the system shows its first 15 bytes.
  /// - Throws: the call that was refused: what ``Ring/init(_:)`` throws, and io_uring_enter(2), the read or a thread
  ///   that cannot be had.
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

  /// The whole life of the thread. The core, and with it the ring, is made and unmade here.
  private func work(_ configuration: Ring.Configuration, _ start: Latch<Result<Void, RingRefusal>>) {
    do throws(RingRefusal) {
      let core = try LoopCore(self, configuration)
      address.open(core.ring.descriptor)
      LoopThread(of: self, core).mark {
        start.open(with: .success(()))
        core.run()
        address.close()
      }
    } catch {
      start.open(with: .failure(error))
    }
  }

  /// Gives the thread its loop, which it lets go before its end is told: the descriptor that wakes the loop is closed
  /// by whoever lets go last, and a caller that has waited for the end finds nothing open.
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
  public var sharedWorkers: Int32 { address.descriptor ?? -1 }

  // MARK: Jobs

  /// Takes a job of Swift's runtime. From the loop's own thread it costs no lock; from another it wakes the loop if it
  /// sleeps.
  ///
  /// A job that comes after the loop has shut down runs on a thread of its own, so that no task is left suspended for
  /// ever.
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
    if leave({ $0.jobs.append(contentsOf: jobs) }) { return }
    for job in jobs { runOnSpareThread(job, self) }
  }

  /// Leaves something for the loop's thread and wakes it if need be. False if the loop has shut down.
  func leave(_ change: (inout LoopMailbox.Contents) -> Void) -> Bool {
    switch mailbox.leave(change) {
    case .closed: return false
    case .accepted(let shallWake):
      if shallWake { wake() }
      return true
    }
  }

  /// Completes the read that the loop has armed on the descriptor.
  func wake() {
    var one: UInt64 = 1
    // It can fail only if the counter is at its end, and then the loop is awake.
    _ = withUnsafeBytes(of: &one) { try? wakeUpDescriptor.write($0) }
  }

  /// Runs `body`, which may resume many tasks of these loops: they go on when it has ended, and each loop is woken at
  /// most once.
  ///
  /// For threads that run no executor's jobs.
  package static func wakingOnce(_ loops: [RingLoop], _ body: () -> Void) {
    let batch = JobBatch(for: loops)
    batch.mark(body)
    batch.deliver()
  }

  /// Whether the present thread is the loop's own.
  public var isCurrent: Bool { ExecutorThread.isRunning(self) }

  /// The core, on the loop's own thread; nil elsewhere. Not to be kept across a suspension: a task that does not prefer
  /// the loop can be on its thread all the same, and goes on elsewhere, if it was begun there (`Task.immediate`) or is
  /// in an actor with others that do.
  var core: LoopCore? { LoopThread.core(of: self) }

  // MARK: Failing

  /// The errno with which io_uring_enter(2) has failed for good; nil as long as the ring works. Transient errors
  /// (`EINTR`, `EAGAIN`, `EBUSY`, `ENOMEM`) are retried for more than a second before that.
  ///
  /// The operations that were in flight have thrown it, and every other one does, without being begun. The kernel may
  /// still perform what was in flight: its buffers must not be used for anything else, and are never freed; a
  /// descriptor that was being opened or closed may stay open. Tasks run on the loop's thread until ``shutDown()``.
  public var failure: Errno? {
    let code = failureCode.load(ordering: .acquiring)
    return code == 0 ? nil : Errno(rawValue: code)
  }

  /// For the loop's thread, before anything is refused.
  func noteFailure(_ error: Errno) {
    failureCode.store(error.rawValue, ordering: .releasing)
  }

  /// Why nothing is begun on a loop whose thread has gone.
  var finalRefusal: NotBegun { failure.map { .ringFailed($0) } ?? .shutDown }

  /// The core of a loop that begins operations, on its own thread.
  func usableCore() throws(Errno) -> LoopCore {
    guard let core else { throw finalRefusal.errno }
    if let reason = core.refusal { throw reason.errno }
    return core
  }

  // MARK: Shutting down

  /// Ends the loop: refuses new operations, cancels those in flight, waits until the kernel has let go of their memory,
  /// lets the tasks that are ready run, and ends the thread. Calling it again waits for the same end.
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

  /// The same, for a loop that nothing was done with, so that blocking for its end is short.
  package func endUnused() {
    beginShutDown()
    ending.wait()
  }
}
