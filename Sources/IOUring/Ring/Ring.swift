import CUring
import SystemPackage

/// An io_uring: a submission queue, a completion queue, and the slots of the operations between them.
///
/// It is synchronous, not thread-safe, and has one owner. An operation's memory is kept alive by its slot from the push
/// until its completion has been taken. A ring that is destroyed drops what has not been submitted, cancels what is in
/// flight and waits for it, since the kernel writes into buffers even after the ring's descriptor is closed.
///
/// Only one thread, the one that made the ring, may use it: the kernel binds a ring made with
/// ``SetupFlags/singleIssuer`` to its thread, and cancels a thread's operations when the thread ends.
public struct Ring: ~Copyable {
  /// An operation or a chain that has completed, of which nothing is left with the kernel.
  public struct Completion: Sendable, Hashable {
    public let id: OperationID
    /// Not negative: the operation's result. Negative: an errno with its sign changed. Of a chain, the result of its
    /// last operation.
    public let result: Int32
    /// Of a chain, the results of its operations in their order, those of timeouts included. Empty for a single
    /// operation.
    public let results: [Int32]
    /// The buffer that the kernel chose, if it was to choose one. It stays chosen until ``Ring/giveBack(_:)``.
    public let buffer: ProvidedBuffer?

    init(id: OperationID, result: Int32, buffer: ProvidedBuffer?) {
      (self.id, self.result, self.results, self.buffer) = (id, result, [], buffer)
    }

    /// - Parameter results: of a chain, which is not empty.
    init(id: OperationID, results: [Int32], buffer: ProvidedBuffer?) {
      (self.id, self.result, self.results, self.buffer) = (id, results[results.count - 1], results, buffer)
    }
  }

  /// How many completions are taken off the queue at once: a kilobyte of stack. A guess.
  private static let completionBatch = 64

  let handle: OpaquePointer
  var slots: SlotTable
  /// Pinned by the kernel as long as they are registered.
  var registeredBuffers: [IOBuffer] = []
  /// Buffers that could not be registered (``registerIfAllowed(_:)``).
  var unregisteredBuffers: [IOBuffer] = []

  /// Buffers that the kernel chooses from, by their groups.
  var providedBuffers: [UInt16: ProvidedBufferQueue] = [:]

  /// Whether operations in flight cannot be waited for, so that their memory is never freed.
  var isAbandoned = false

  /// Completions that belonged to no operation in flight. Always 0 unless something else submits to this ring.
  public var strayCompletions: Int { slots.strayCompletions }

  /// Sets up a ring. Blocks for up to 1 s if there is no memory for it, and the memory of recently closed rings may
  /// become free.
  ///
  /// - Throws: the call that was refused, io_uring_setup(2) or io_uring_register(2), and its errno: `ENOSYS` if the
  ///   kernel or this build has no io_uring, `EPERM` if a policy denies it, `ENOMEM`, `EMFILE`, `EINVAL` if
  ///   restrictions are requested and the kernel has none, and the other errors of these calls.
  public init(_ configuration: Configuration = Configuration()) throws(RingRefusal) {
    handle = try Self.create(configuration)
    // The kernel may have clamped the queue: the limit follows from what it gave.
    let completions = curing_completion_capacity(handle)
    let operations = min(configuration.possibleOperations, (completions - min(configuration.messages, completions)) / 2)
    slots = SlotTable(capacity: Int(max(operations, 1)))
  }

  deinit {
    let isAbandoned = isAbandoned
    var slots = slots
    let isDrained = isAbandoned ? false : Self.drain(handle, &slots)
    if isDrained {
      for queue in providedBuffers.values { queue.destroy(handle) }
    } else {
      slots.leakMemory()
      for queue in providedBuffers.values { queue.leakMemory() }
    }
    curing_destroy(handle)
  }

  /// The ring's own descriptor, for ``Configuration/sharedWorkers`` of another ring, and for messages to this ring.
  public var descriptor: Int32 { curing_descriptor(handle) }

  // MARK: Submitting

  /// How many operations are in flight, those that wait for ``submit(waitingFor:)`` included.
  public var inFlight: Int { slots.used }

  /// How many operations can be in flight.
  public var capacity: Int { slots.capacity }

  /// Entries of the completion queue that the operations in flight and their cancel requests leave to messages of other
  /// rings.
  var roomForMessages: Int { Int(curing_completion_capacity(handle)) - 2 * capacity }

  /// Entries of the submission queue.
  var submissionCapacity: Int { Int(curing_submission_capacity(handle)) }

  /// The most operations of a chain.
  public var longestChain: Int { min(capacity, submissionCapacity, OperationID.maximumChain) }

  /// The operations and chains in flight.
  var operationsInFlight: [OperationID] { slots.identifiers }

  /// How many entries wait to be submitted.
  public var unsubmitted: Int { Int(curing_unsubmitted(handle)) }

  /// How often this ring has entered the kernel to submit or to wait.
  public var enters: UInt64 { curing_enters(handle) }

  /// Puts an operation on the submission queue. Nothing happens to it until the next ``submit(waitingFor:)``, unless
  /// the queue is full, which submits what is there.
  ///
  /// - Returns: the operation's identifier, or nil if the limit on operations in flight is reached.
  /// - Throws: what submitting throws when the queue was full.
  public mutating func push<Value>(_ operation: RingOperation<Value>) throws(Errno) -> OperationID? {
    try push(operation.entry)
  }

  mutating func push(_ entry: consuming SubmissionEntry) throws(Errno) -> OperationID? {
    if slots.isFull { return nil }
    try makeRoom()
    return enqueue(entry)
  }

  /// Puts all of a chain on the submission queue, or nothing of it. Its operations are submitted together, and have one
  /// completion, which comes when all of them have completed.
  ///
  /// - Returns: the chain's identifier; nil if the limit on operations in flight leaves no room for all of it.
  /// - Throws: what submitting throws when the queue was full; `EINVAL` if the chain has more operations than
  ///   ``longestChain``.
  public mutating func push(_ chain: OperationChain) throws(Errno) -> OperationID? {
    let count = chain.entries.count
    if count > longestChain { throw .invalidArgument }
    if slots.used + count > capacity { return nil }
    try makeRoom(for: count)
    let inFlight = ChainInFlight(chain)
    let id = slots.claim(for: inFlight)
    for (position, entry) in inFlight.entries.enumerated() {
      var request = entry.request
      if let time = entry.timeout { request.address = inFlight.store(time, at: position) }
      enqueue(&request, as: id.userData(at: position))
    }
    return id
  }

  /// Puts two operations that are not linked on the submission queue, or neither. They are submitted together.
  ///
  /// - Returns: their identifiers; nil if the limit on operations in flight leaves no room for both.
  /// - Throws: what submitting throws when the queue was full; `EINVAL` if no more than one can be in flight.
  mutating func push(
    _ first: consuming SubmissionEntry, with second: consuming SubmissionEntry
  ) throws(Errno) -> (first: OperationID, second: OperationID)? {
    if longestChain < 2 { throw .invalidArgument }
    if slots.used + 2 > capacity { return nil }
    try makeRoom(for: 2)
    return (enqueue(first), enqueue(second))
  }

  /// Gives an entry a slot and puts it on the queue; both have room.
  private mutating func enqueue(_ entry: consuming SubmissionEntry) -> OperationID {
    let id = slots.claim(for: entry)
    if let time = entry.timeout { entry.request.address = slots.store(time, for: id) }
    enqueue(&entry.request, as: id.userData())
    return id
  }

  private func enqueue(_ request: inout curing_request, as userData: UInt64) {
    request.user_data = userData
    let pushed = curing_push(handle, &request)
    precondition(pushed, "the submission queue has room")
  }

  /// Asks the kernel to give up an operation, or all of a chain. It completes as it would have, or with `ECANCELED`,
  /// and only when the kernel has let go of its memory. Cancelling twice, or what has completed, has no effect.
  ///
  /// In a chain this cancels the operation that the kernel is performing, and with it those linked behind it by
  /// ``OperationChain/then(_:)``. An operation linked by ``OperationChain/always(_:)`` is cancelled when it begins:
  /// ``takeCompletions(_:onMessage:)`` sends the request. A close is never cancelled: the descriptor would stay open,
  /// and no code would know.
  ///
  /// - Throws: what submitting throws when the queue was full. The operation is cancelled nevertheless, as soon as
  ///   completions have been taken.
  public mutating func cancel(_ id: OperationID) throws(Errno) {
    guard let userData = slots.requestCancel(id) else { return }
    do throws(Errno) {
      try makeRoom()
    } catch {
      slots.deferCancel(id)
      throw error
    }
    Self.pushCancelRequest(for: id, userData, handle, &slots)
  }

  /// Pushes a cancel request, or defers it if the queue is full.
  static func pushCancelRequest(
    for id: OperationID, _ userData: UInt64, _ handle: OpaquePointer, _ slots: inout SlotTable
  ) {
    var request = SubmissionEntry.cancel(userData).request
    if curing_push(handle, &request) { slots.noteCancelSent(id) } else { slots.deferCancel(id) }
  }

  /// Whether the operation is in flight, and its cancellation could be requested and has not been.
  func isCancellable(_ id: OperationID) -> Bool { slots.isCancellable(id) }

  /// Whether there are cancel requests that are due and have not been sent.
  var hasDueCancellations: Bool { slots.hasDueCancellations }

  /// The flags that the kernel took.
  public var setupFlags: SetupFlags { SetupFlags(rawValue: curing_setup_flags(handle)) }

  /// Whether the kernel holds completions back until ``submitAndFlush()``. Known with ``SetupFlags/taskRunFlag`` only.
  public var holdsCompletions: Bool { curing_holds_completions(handle) }

  static func check(_ result: Int32) throws(Errno) -> Int { Int(try Errno.check(result)) }

  // MARK: Completing

  /// Takes the completions that have arrived, without waiting and without entering the kernel, and calls `body` with
  /// each. Afterwards it pushes the cancel requests that are due (``cancel(_:)``), as far as there is room.
  ///
  /// - Parameter onMessage: called with each message of another ring.
  /// - Returns: how many operations and chains have completed.
  @discardableResult
  public mutating func takeCompletions(
    _ body: (Completion) -> Void, onMessage: (UInt64) -> Void = { _ in }
  ) -> Int {
    if providedBuffers.isEmpty { return Self.takeCompletions(handle, &slots, body, onMessage) }
    let queues = providedBuffers
    return Self.takeCompletions(
      handle, &slots,
      { completion in
        if let buffer = completion.buffer { queues[buffer.group]?.take(buffer) }
        body(completion)
      }, onMessage)
  }

  static func takeCompletions(
    _ handle: OpaquePointer, _ slots: inout SlotTable, _ body: (Completion) -> Void, _ onMessage: (UInt64) -> Void
  ) -> Int {
    var delivered = 0
    withUnsafeTemporaryAllocation(of: curing_completion.self, capacity: completionBatch) { batch in
      while true {
        let count = Int(curing_take(handle, batch.baseAddress, UInt32(batch.count)))
        for entry in batch.prefix(count) {
          if let message = OperationID.message(userData: entry.user_data, result: entry.result) {
            onMessage(message)
            continue
          }
          guard let completion = slots.accept(entry) else { continue }
          delivered += 1
          body(completion)
        }
        if count < batch.count { break }
      }
    }
    for (id, userData) in slots.takeDueCancellations() { pushCancelRequest(for: id, userData, handle, &slots) }
    return delivered
  }
}
