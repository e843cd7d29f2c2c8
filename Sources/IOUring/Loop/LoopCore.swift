import CUring
import DequeModule
import Glibc
import SystemPackage

/// What a loop's thread works on: the ring, the jobs that are ready, and who waits for what.
///
/// Nothing of it is locked and it is not `Sendable`: it is made on the loop's thread, found through that thread's mark
/// (``LoopThread``), and so never touched by another. Nothing of it is asynchronous either: a task may go on on
/// another thread than the one it was suspended on, and must look anew whether it is on this one (``RingLoop/core``).
final class LoopCore {
  /// After so many jobs the loop looks whether completions have arrived, so that a stage that computes cannot starve
  /// those who wait. Looking costs a memory read.
  static let jobsPerLook = 16
  /// After so many jobs the loop enters the kernel even though more are ready: what they asked for should not wait for
  /// the last of them. An enter for 64 jobs is 0.02 an operation.
  static let jobsPerEnter = 64

  /// A task that waits for its operation.
  struct Waiter {
    /// With nil an operation that could not be begun answers.
    typealias Continuation = UnsafeContinuation<Ring.Completion?, Never>

    /// By which it is found when the task is cancelled; 0 if it goes by the operation.
    let ticket: UInt64
    let continuation: Continuation
  }

  let loop: RingLoop
  var ring: Ring
  private var ready = Deque<UnownedJob>()
  /// By slot. A slot has one completion, and `take` empties it, so that each continuation is resumed exactly once.
  var waiting: [Waiter?]
  /// Completions of operations that were started and have completed before anyone waited for them.
  var arrived: [OperationID: Ring.Completion] = [:]
  var deadlines = DeadlineTable()
  /// Tasks that wait for slots.
  var backlog = SlotBacklog()
  var inbox: MessageInbox
  var registered = RegisteredBuffers()
  var retries = EnterRetries()
  private var lastTicket: UInt64 = 0
  private(set) var isStopping = false
  /// The read that is armed on the loop's wake-up descriptor, and where it puts the descriptor's counter.
  var wakeUp: OperationID?
  private let wakeUpCounter = IOBuffer(capacity: MemoryLayout<UInt64>.size)
  /// Messages that came past ``MessagePlaces``, and found no room.
  private var refusedMessages = 0

  /// Makes the ring, for the present thread, and tries it.
  init(_ loop: RingLoop, _ configuration: Ring.Configuration) throws(RingRefusal) {
    self.loop = loop
    ring = try Ring(Self.demands(on: configuration))
    waiting = Array(repeating: nil, count: ring.capacity)
    loop.messagePlaces.count = min(MessagePlaces.most, ring.placesForMessages)
    inbox = MessageInbox(limit: loop.messagePlaces.count)
    try tryOut()
  }

  /// What the loop needs for itself.
  private static func demands(on configuration: Ring.Configuration) -> Ring.Configuration {
    var configuration = configuration
    // One slot more, for the read that wakes the loop.
    configuration.operations = min(max(configuration.operations, 1), Ring.Configuration.mostOperations - 1) + 1
    configuration.restrictions?.operations.insert(.read)
    configuration.messages = UInt32(MessagePlaces.fewest)
    // A loop that has jobs to run must be told that completions are held back.
    if !configuration.flags.isDisjoint(with: [.cooperativeTaskRun, .deferredTaskRun]) {
      configuration.flags.insert(.taskRunFlag)
    }
    return configuration
  }

  /// Names a task's wait: for an operation, for slots or for a message. Never 0.
  func newTicket() -> UInt64 {
    lastTicket += 1
    return lastTicket
  }

  // MARK: Jobs

  func append(_ job: UnownedJob) {
    ready.append(job)
  }

  /// Works until told to stop and nothing is left.
  func run() {
    let executor = loop.asUnownedTaskExecutor()
    var letters = LoopMailbox.Contents()
    while true {
      loop.mailbox.takeAll(into: &letters)
      open(&letters)
      runJobs(on: executor)
      if isStopping && isIdle && loop.mailbox.close() { return }
      if maySleep && loop.mailbox.fallAsleep() {
        sleep()
        loop.mailbox.stayAwake()
      } else {
        flush()
      }
      deliver()
      publishCounters()
    }
  }

  /// Whether there is nothing to do before something comes.
  private var maySleep: Bool {
    if !ready.isEmpty { return false }
    if loop.failure != nil { return true }
    return wakeUp != nil && !ring.hasDueCancellations && retries.failures == 0
  }

  private func open(_ letters: inout LoopMailbox.Contents) {
    ready.append(contentsOf: letters.jobs)
    letters.jobs.removeAll(keepingCapacity: true)
    for id in letters.cancellations { cancel(id) }
    letters.cancellations.removeAll(keepingCapacity: true)
    for ticket in letters.cancelledWaiters { cancelWaiter(ticket) }
    letters.cancelledWaiters.removeAll(keepingCapacity: true)
    if letters.shallStop && !isStopping { stop() }
    letters.shallStop = false
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

  /// Submits everything, and takes what the kernel holds back. After a failure it enters in any case, to learn whether
  /// it can.
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

  /// Resumes everyone whose operation is done.
  func deliver() {
    ring.takeCompletions { completion in
      if completion.id == wakeUp {
        wakeUp = nil
      } else if let waiter = waiting[Int(completion.id.index)].take() {
        waiter.continuation.resume(returning: completion)
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
    if wakeUp == nil { wakeUp = push(.read(loop.wakeUpDescriptor, into: wakeUpCounter, at: 0)) }
  }

  /// Slots for the operations of tasks: one is the wake-up's, even when that could not be armed for the moment.
  var freeSlots: Int { ring.capacity - ring.inFlight - (wakeUp == nil ? 1 : 0) }

  // MARK: Stopping

  /// Nothing is left but the armed wake-up, which the ring cancels when it goes; or what a ring that has failed cannot
  /// end.
  private var isIdle: Bool {
    ready.isEmpty && backlog.isEmpty && backlog.promised == 0 && !inbox.hasWaiters
      && (loop.failure != nil || ring.inFlight == (wakeUp == nil ? 0 : 1))
  }

  /// From here on new operations are refused; those in flight are cancelled and waited for.
  private func stop() {
    isStopping = true
    inbox.cancelAll()
    for id in ring.operationsInFlight where id != wakeUp { cancel(id) }
  }
}
