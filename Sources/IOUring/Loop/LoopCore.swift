import CUring
import DequeModule
import Glibc
import SystemPackage

/// What a loop's thread works on: the ring, the jobs that are ready, and who waits for what.
///
/// Nothing of it is locked and it is not `Sendable`: it is made on the loop's thread, found through that thread's mark
/// (``ExecutorThread``), and so never touched by another.
final class LoopCore {
  /// After so many jobs the loop looks whether completions have arrived, so that a stage that computes cannot starve those
  /// who wait. Looking costs a memory read.
  static let jobsPerLook = 16
  /// After so many jobs the loop enters the kernel even though more are ready: what they asked for should not wait for the
  /// last of them. An enter for 64 jobs is 0.02 an operation.
  static let jobsPerEnter = 64
  /// Whoever starts operations without waiting for them keeps the loop from submitting them: after so many it is done anyway.
  static let startsPerEnter = 4

  let loop: RingLoop
  private var ring: Ring
  private var ready = Deque<UnownedJob>()
  /// By slot. A slot has one completion, and `take` empties it, so that each continuation is resumed exactly once.
  private var waiting: [UnsafeContinuation<Ring.Completion, Never>?]
  /// Completions of operations that were started and have completed before anyone waited for them.
  private var arrived: [OperationID: Ring.Completion] = [:]
  /// Tasks that wait for slots.
  private var backlog = SlotBacklog()
  private var inbox = MessageInbox()
  /// Names a task's wait in the backlog or for a message.
  private var lastTicket: UInt64 = 0
  /// Operations whose cancel request found no room; they are tried again after completions.
  private var uncancelled: [OperationID] = []
  private var isStopping = false
  /// The read that is armed on the loop's wake-up descriptor, and where it puts the descriptor's counter.
  private var wakeUp: OperationID?
  private let wakeUpCounter = IOBuffer(capacity: MemoryLayout<UInt64>.size)

  /// Makes the ring, for the present thread.
  init(_ loop: RingLoop, _ configuration: Ring.Configuration) throws(Errno) {
    self.loop = loop
    // One slot more, for the read that wakes the loop.
    var configuration = configuration
    configuration.operations += 1
    ring = try Ring(configuration)
    waiting = Array(repeating: nil, count: ring.capacity)
    armWakeUp()
  }

  var ringDescriptor: Int32 { ring.descriptor }

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
      if ready.isEmpty && wakeUp != nil && uncancelled.isEmpty && loop.mailbox.fallAsleep() {
        sleep()
        loop.mailbox.stayAwake()
      } else {
        flush()
      }
      deliver()
      loop.counters.publish(enters: ring.enters, strayCompletions: UInt64(ring.strayCompletions))
    }
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

  // MARK: Operations

  /// Waits for a slot if need be, submits and waits for the completion. Answers the result, or a negated errno.
  func perform(_ entry: SubmissionEntry) async -> Int32 {
    while true {
      if let refusal = await waitForSlots(1) { return refusal }
      if let id = push(entry) { return await completion(of: id).result }
      await makeRoom()
    }
  }

  /// The same for a chain: results, or negated errnos, in the order of its entries.
  func perform(_ chain: OperationChain) async -> [Int32] {
    let count = chain.entries.count
    if count > longestChain { return Array(repeating: -EINVAL, count: count) }
    while true {
      if let refusal = await waitForSlots(count) { return Array(repeating: refusal, count: count) }
      if let ids = push(chain) {
        var results: [Int32] = []
        // In their order: the one that is waited for, and cancelled with the task, is the one that the kernel is at.
        for id in ids { results.append(await result(of: id)) }
        return results
      }
      await makeRoom()
    }
  }

  /// One slot is the wake-up's.
  private var longestChain: Int { min(ring.capacity - 1, ring.submissionCapacity) }

  private var freeSlots: Int { ring.capacity - ring.inFlight }

  /// Returns when there are slots, which the caller must use before it suspends; or with a negated errno: the task was
  /// cancelled, or the loop shuts down.
  private func waitForSlots(_ count: Int) async -> Int32? {
    if !backlog.isEmpty || backlog.promised + count > freeSlots {
      if await !suspendForSlots(count) { return -ECANCELED }
      backlog.redeem(count)
    }
    if !isStopping { return nil }
    backlog.serve(free: freeSlots)
    return -ESHUTDOWN
  }

  /// True with promised slots; false if the task was cancelled.
  private func suspendForSlots(_ count: Int) async -> Bool {
    lastTicket += 1
    let ticket = lastTicket
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        // A cancellation before this has found nobody.
        if Task.isCancelled {
          continuation.resume(returning: false)
        } else {
          backlog.append(continuation, ticket: ticket, count: count)
        }
      }
    } onCancel: { [loop] in
      loop.cancelWaiter(ticket)
    }
  }

  /// Ends the wait of a cancelled task. Others behind it may have waited for what it did not get.
  func cancelWaiter(_ ticket: UInt64) {
    backlog.cancel(ticket)
    backlog.serve(free: freeSlots)
    inbox.cancel(ticket)
  }

  /// The kernel is short of room for the moment. Completions make some.
  private func makeRoom() async {
    deliver()
    await Task.yield()
  }

  /// Begins an operation, if there is a slot and nobody waits for one. ``result(of:)`` must be called for it, once.
  func start(_ entry: SubmissionEntry) -> OperationID? {
    if isStopping || !backlog.isEmpty || backlog.promised >= freeSlots { return nil }
    let id = push(entry)
    if ring.unsubmitted >= Self.startsPerEnter { flush() }
    return id
  }

  /// Waits for an operation that was started. Answers the result, or a negated errno.
  func result(of id: OperationID) async -> Int32 {
    if let completion = arrived.removeValue(forKey: id) { return completion.result }
    deliver()
    if let completion = arrived.removeValue(forKey: id) { return completion.result }
    return await completion(of: id).result
  }

  private func completion(of id: OperationID) async -> Ring.Completion {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { waiting[Int(id.index)] = $0 }
    } onCancel: { [loop] in
      loop.cancel(id)
    }
  }

  private func push(_ entry: SubmissionEntry) -> OperationID? {
    do throws(Errno) {
      let id = try ring.push(entry)
      if id != nil { loop.counters.countOperations(1) }
      return id
    } catch {
      note(error)
      return nil
    }
  }

  private func push(_ chain: OperationChain) -> [OperationID]? {
    do throws(Errno) {
      let ids = try ring.push(chain)
      loop.counters.countOperations(UInt64(ids?.count ?? 0))
      return ids
    } catch {
      note(error)
      return nil
    }
  }

  func cancel(_ id: OperationID) {
    do throws(Errno) {
      try ring.cancel(id)
    } catch {
      note(error)
      uncancelled.append(id)
    }
  }

  private func retryCancellations() {
    uncancelled += ring.takeMissedCancellations()
    if uncancelled.isEmpty { return }
    let operations = uncancelled
    uncancelled = []
    for id in operations { cancel(id) }
  }

  // MARK: Provided buffers

  func provideBuffers(_ count: Int, capacity: Int, group: UInt16) throws(Errno) {
    guard (1...Ring.mostProvidedBuffers).contains(count) else { throw .invalidArgument }
    try ring.provide((0..<count).map { _ in IOBuffer(capacity: capacity) }, group: group)
  }

  func read<R>(
    _ file: FileDescriptor, fromGroup group: UInt16, at offset: Int64, _ body: (RawSpan) -> R
  ) async throws(Errno) -> R {
    while true {
      if let refusal = await waitForSlots(1) { throw Errno(rawValue: -refusal) }
      guard let id = push(.read(file, fromGroup: group, at: offset)) else {
        await makeRoom()
        continue
      }
      let completion = await completion(of: id)
      defer { if let buffer = completion.buffer { ring.giveBack(buffer) } }
      if completion.result < 0 { throw Errno(rawValue: -completion.result) }
      guard let buffer = completion.buffer else { return body(RawSpan()) }
      return ring.memory(of: buffer).withBytes(Int(completion.result), body)
    }
  }

  // MARK: Messages

  /// The next message of another loop, or nil if the task is cancelled or the loop shuts down.
  func nextMessage() async -> UInt64? {
    if let message = inbox.next() { return message }
    lastTicket += 1
    let ticket = lastTicket
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        if Task.isCancelled || isStopping {
          continuation.resume(returning: nil)
        } else {
          inbox.append(continuation, ticket: ticket)
        }
      }
    } onCancel: { [loop] in
      loop.cancelWaiter(ticket)
    }
  }

  // MARK: The kernel

  /// Submits everything and sleeps until there is a completion.
  private func sleep() {
    do throws(Errno) { try ring.submit(waitingFor: 1) } catch { note(error) }
  }

  /// Submits everything, and takes what the kernel holds back.
  private func flush() {
    if ring.unsubmitted == 0 && !ring.holdsCompletions { return }
    do throws(Errno) { try ring.submitAndFlush() } catch { note(error) }
  }

  /// Resumes everyone whose operation is done.
  private func deliver() {
    ring.takeCompletions { completion in
      if completion.id == wakeUp {
        wakeUp = nil
      } else if let waiter = waiting[Int(completion.id.index)].take() {
        waiter.resume(returning: completion)
      } else {
        arrived[completion.id] = completion
      }
    } onMessage: { message in
      inbox.deliver(message)
    }
    armWakeUp()
    retryCancellations()
    backlog.serve(free: freeSlots)
  }

  private func armWakeUp() {
    if wakeUp == nil { wakeUp = push(.read(loop.wakeUpDescriptor, into: wakeUpCounter, at: 0)) }
  }

  /// Passing troubles are tried again after completions have been taken. A ring that cannot be entered at all is a fault of
  /// this code or of the kernel, and cannot be worked around: tasks would wait for ever.
  private func note(_ error: Errno) {
    precondition(error.isTransient, "io_uring_enter(2) failed: \(error)")
  }

  // MARK: Stopping

  /// Nothing is left but the armed wake-up, which the ring cancels when it goes.
  private var isIdle: Bool {
    ready.isEmpty && backlog.isEmpty && backlog.promised == 0 && !inbox.hasWaiters
      && ring.inFlight == (wakeUp == nil ? 0 : 1)
  }

  /// From here on new operations are refused; those in flight are cancelled and waited for.
  private func stop() {
    isStopping = true
    inbox.cancelAll()
    for id in ring.operationsInFlight where id != wakeUp { cancel(id) }
  }
}
