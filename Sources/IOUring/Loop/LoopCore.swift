import CUring
import DequeModule
import Glibc
import SystemPackage

/// The state of a loop's thread: the ring, the jobs that are ready, and the tasks that wait.
///
/// It has no locks and is not `Sendable`: it is made on the loop's thread and found through that thread's mark
/// (``LoopThread``), so no other thread touches it. It has no asynchronous functions either: a task may resume on
/// another thread than the one it was suspended on, and must check again whether it is on this one (``RingLoop/core``).
final class LoopCore {
  /// After so many jobs the loop takes the completions that have arrived, so that a task that computes cannot starve
  /// the tasks that wait. If there are none this costs a memory read.
  static let jobsPerLook = 16
  /// After so many jobs the loop enters the kernel even though more are ready: the operations that they have begun
  /// should not wait for the last job. An enter for 64 jobs is 0.02 per operation.
  static let jobsPerEnter = 64

  /// A task that waits for its operation or chain. Only ``RingLoop/completion(of:isCancellable:)`` resumes it with nil.
  typealias Continuation = UnsafeContinuation<Ring.Completion?, Never>

  let loop: RingLoop
  var ring: Ring
  private var ready = Deque<UnownedJob>()
  /// By slot. A slot has one completion, and `take` empties the element, so that each continuation is resumed once.
  var waiting: [Continuation?]
  /// Completions that have arrived before a task waited for them.
  var arrived: [OperationID: Ring.Completion] = [:]
  var deadlines = DeadlineTable()
  /// Tasks that wait for slots.
  var backlog = SlotBacklog()
  var inbox: MessageInbox
  var registered = RegisteredBuffers()
  var retries = EnterRetries()
  private(set) var isStopping = false
  /// The read of the loop's wake-up descriptor that is in flight, and the buffer for the descriptor's counter.
  var wakeUp: OperationID?
  private let wakeUpCounter = IOBuffer(capacity: MemoryLayout<UInt64>.size)
  /// Messages that came without a credit (``MessageCredits``) and found no room.
  private var refusedMessages = 0

  /// Makes the ring, which belongs to the calling thread, and tries it.
  init(_ loop: RingLoop, _ configuration: Ring.Configuration) throws(RingRefusal) {
    self.loop = loop
    ring = try Ring(Self.demands(on: configuration))
    waiting = Array(repeating: nil, count: ring.capacity)
    loop.messageCredits.limit = min(MessageCredits.most, ring.roomForMessages)
    inbox = MessageInbox(limit: loop.messageCredits.limit)
    try tryOut()
  }

  /// Adds what the loop itself needs.
  private static func demands(on configuration: Ring.Configuration) -> Ring.Configuration {
    var configuration = configuration
    // One slot more, for the read that wakes the loop.
    configuration.operations = min(max(configuration.operations, 1), Ring.Configuration.mostOperations - 1) + 1
    configuration.restrictions?.operations.insert(.read)
    configuration.messages = UInt32(MessageCredits.fewest)
    // A loop that has jobs to run must be told that completions are held back.
    if !configuration.flags.isDisjoint(with: [.cooperativeTaskRun, .deferredTaskRun]) {
      configuration.flags.insert(.taskRunFlag)
    }
    return configuration
  }

  // MARK: Jobs

  func append(_ job: UnownedJob) {
    ready.append(job)
  }

  /// Runs until the loop is shut down and nothing is left to do.
  func run() {
    let executor = loop.asUnownedTaskExecutor()
    var batch = CrossThreadQueue.Batch()
    while true {
      loop.queue.takeBatch(into: &batch)
      process(&batch)
      runJobs(on: executor)
      if isStopping && isIdle && loop.queue.close() { return }
      if maySleep && loop.queue.fallAsleep() {
        sleep()
        loop.queue.stayAwake()
      } else {
        flush()
      }
      deliver()
      publishCounters()
    }
  }

  /// Whether there is nothing to do until a completion or a batch arrives.
  private var maySleep: Bool {
    if !ready.isEmpty { return false }
    if loop.failure != nil { return true }
    return wakeUp != nil && !ring.hasDueCancellations && retries.failures == 0
  }

  /// Empties the batch.
  private func process(_ batch: inout CrossThreadQueue.Batch) {
    ready.append(contentsOf: batch.jobs)
    for cancellation in batch.cancellations { cancel(cancellation) }
    if batch.shutDownRequested && !isStopping { stop() }
    batch.removeAll()
  }

  private func runJobs(on executor: UnownedTaskExecutor) {
    for count in 1...Self.jobsPerEnter {
      guard let job = ready.popFirst() else { return }
      job.runSynchronously(on: executor)
      if count % Self.jobsPerLook == 0 { deliver() }
    }
  }

  private func publishCounters() {
    loop.counters.publish(
      enters: ring.enters, strayCompletions: UInt64(ring.strayCompletions + refusedMessages))
  }

  // MARK: The kernel

  /// Submits everything and sleeps until there is a completion.
  private func sleep() {
    if loop.failure != nil { return sleepWithoutRing() }
    enter { ring throws(Errno) in try ring.submit(waitingFor: 1) }
  }

  /// Submits everything, and has the kernel post the completions that it holds back. After a failure it enters the
  /// kernel in any case, to learn whether it can.
  func flush() {
    if ring.unsubmitted == 0 && !ring.holdsCompletions && retries.failures == 0 { return }
    enter { ring throws(Errno) in try ring.submitAndFlush() }
  }

  private func enter(_ call: (inout Ring) throws(Errno) -> Void) {
    if loop.failure != nil { return }
    do throws(Errno) {
      try call(&ring)
      retries.succeed()
    } catch {
      note(error)
    }
  }

  /// Takes the completions that have arrived, and resumes the tasks that wait for them.
  func deliver() {
    ring.takeCompletions { completion in
      if completion.id == wakeUp {
        wakeUp = nil
      } else if let waiter = waiting[Int(completion.id.index)].take() {
        waiter.resume(returning: completion)
      } else if !deadlines.take(completion) {
        arrived[completion.id] = completion
      }
    } onMessage: { message in
      if !inbox.deliver(message) { refusedMessages += 1 }
    }
    armWakeUp()
    cancelOverdue()
    serveBacklog()
  }

  func armWakeUp() {
    if wakeUp != nil { return }
    let read = RingOperation.read(loop.wakeUpDescriptor, into: wakeUpCounter, at: 0)
    if case .begun(let id) = push(read.entry) { wakeUp = id }
  }

  /// Slots for the operations of tasks: one is the wake-up's, even when the wake-up could not be armed for the moment.
  var freeSlots: Int { ring.capacity - ring.inFlight - (wakeUp == nil ? 1 : 0) }

  // MARK: Stopping

  /// Nothing is left but the armed wake-up, which the ring cancels when it is destroyed, or what a failed ring cannot
  /// end.
  private var isIdle: Bool {
    ready.isEmpty && backlog.isEmpty && backlog.promised == 0 && !inbox.hasWaiters
      && (loop.failure != nil || ring.inFlight == (wakeUp == nil ? 0 : 1))
  }

  /// Refuses new operations, and cancels those in flight.
  private func stop() {
    isStopping = true
    inbox.cancelAll()
    for id in ring.operationsInFlight where id != wakeUp { cancel(id) }
  }
}
