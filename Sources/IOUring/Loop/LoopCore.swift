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
  private var waiting: [UnsafeContinuation<Int32, Never>?]
  /// Results of operations that were started and have completed before anyone waited for them.
  private var arrived: [OperationID: Int32] = [:]
  /// Tasks that wait for a slot, first come first served. A task suspends in it once, so it is as bounded as the tasks are.
  private var backlog = Deque<UnsafeContinuation<Void, Never>>()
  /// Slots that are free but promised to a task of the backlog that has been resumed.
  private var promised = 0
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
      if ready.isEmpty && wakeUp != nil && loop.mailbox.fallAsleep() {
        sleep()
        loop.mailbox.stayAwake()
      } else {
        flush()
      }
      deliver()
      loop.counters.publish(enters: ring.enters)
    }
  }

  private func open(_ letters: inout LoopMailbox.Contents) {
    ready.append(contentsOf: letters.jobs)
    letters.jobs.removeAll(keepingCapacity: true)
    for id in letters.cancellations { cancel(id) }
    letters.cancellations.removeAll(keepingCapacity: true)
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
      if ring.inFlight + promised >= ring.capacity {
        await withUnsafeContinuation { backlog.append($0) }
        promised -= 1
        if Task.isCancelled {
          promiseFreeSlots()
          return -ECANCELED
        }
      }
      if isStopping {
        promiseFreeSlots()
        return -ECANCELED
      }
      if let id = push(entry) { return await completion(of: id) }
      // The kernel is short of room for the moment. Completions make some.
      deliver()
      await Task.yield()
    }
  }

  /// Begins an operation, if there is a slot and nobody waits for one. ``result(of:)`` must be called for it, once.
  func start(_ entry: SubmissionEntry) -> OperationID? {
    if isStopping || ring.inFlight + promised >= ring.capacity { return nil }
    let id = push(entry)
    if ring.unsubmitted >= Self.startsPerEnter { flush() }
    return id
  }

  /// Waits for an operation that was started. Answers the result, or a negated errno.
  func result(of id: OperationID) async -> Int32 {
    if let result = arrived.removeValue(forKey: id) { return result }
    deliver()
    if let result = arrived.removeValue(forKey: id) { return result }
    return await completion(of: id)
  }

  private func completion(of id: OperationID) async -> Int32 {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { waiting[Int(id.index)] = $0 }
    } onCancel: { [loop] in
      loop.cancel(id)
    }
  }

  private func push(_ entry: SubmissionEntry) -> OperationID? {
    do throws(Errno) {
      let id = try ring.push(entry)
      if id != nil { loop.counters.countOperation() }
      return id
    } catch {
      note(error)
      return nil
    }
  }

  func cancel(_ id: OperationID) {
    do throws(Errno) { try ring.cancel(id) } catch { note(error) }
  }

  private func promiseFreeSlots() {
    while !backlog.isEmpty, ring.inFlight + promised < ring.capacity {
      promised += 1
      backlog.removeFirst().resume()
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
      } else {
        if let waiter = waiting[Int(completion.id.index)].take() {
          waiter.resume(returning: completion.result)
        } else {
          arrived[completion.id] = completion.result
        }
      }
    }
    armWakeUp()
    promiseFreeSlots()
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
    ready.isEmpty && backlog.isEmpty && promised == 0 && ring.inFlight <= 1
  }

  /// From here on new operations are refused; those in flight are cancelled and waited for.
  private func stop() {
    isStopping = true
    for id in ring.operationsInFlight where id != wakeUp { cancel(id) }
  }
}
