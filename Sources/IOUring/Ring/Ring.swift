import CUring
import SystemPackage

/// An io_uring: a submission queue, a completion queue, and the slots of the operations between them.
///
/// It is synchronous, not thread-safe, and owned by whoever holds it. An operation's memory is kept alive by its slot
/// from ``push(_:)`` until its completion has been taken. A ring that goes away drops what has not been submitted,
/// cancels what is in flight and waits for it, since the kernel writes into buffers even after the ring's descriptor is
/// closed.
///
/// Only one thread, the one that made the ring, may use it: the kernel binds a ring made with
/// ``SetupFlags/singleIssuer`` to its thread, and cancels a thread's operations when the thread ends.
public struct Ring: ~Copyable {
  /// An operation that is done, and nothing of which is left with the kernel.
  public struct Completion: Sendable, Hashable {
    public let id: OperationID
    /// Not negative: the operation's result. Negative: an errno with its sign changed.
    public let result: Int32
    /// The buffer that the kernel chose for it, if it was to choose one. It stays chosen until ``Ring/giveBack(_:)``.
    public let buffer: ProvidedBuffer?
  }

  /// How many completions are taken off the queue at once. A guess: a kilobyte of stack.
  private static let completionBatch = 64

  let handle: OpaquePointer
  var slots: SlotTable
  /// Pinned by the kernel as long as they are registered.
  var registeredBuffers: [IOBuffer] = []
  /// What could not be registered (``registerIfAllowed(_:)``).
  var unregisteredBuffers: [IOBuffer] = []

  /// Buffers that the kernel chooses from, by their groups.
  var providedBuffers: [UInt16: ProvidedBufferQueue] = [:]

  /// Whether operations in flight cannot be waited for any more, so that their memory is never freed.
  var isAbandoned = false

  /// Completions that belonged to no operation in flight. Always 0 unless something else submits to this ring.
  public var strayCompletions: Int { slots.strayCompletions }

  /// Sets up a ring. Blocks for up to 0.2 s where there is no memory for it and that of rings closed lately may come
  /// free.
  ///
  /// - Throws: the call that was refused, io_uring_setup(2) or io_uring_register(2), and its errno: `ENOSYS` where the
  ///   kernel or this build has no io_uring, `EPERM` where a policy denies it, `ENOMEM`, `EMFILE`, `EINVAL` where the
  ///   kernel has no restrictions and some are asked for, and what else those name.
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

  /// The ring's own descriptor, for ``Configuration/sharedWorkers`` of another ring, and for messages to this one.
  public var descriptor: Int32 { curing_descriptor(handle) }

  // MARK: Submitting

  /// How many operations are in flight, those that wait for ``submit(waitingFor:)`` included.
  public var inFlight: Int { slots.used }

  /// How many operations can be in flight.
  public var capacity: Int { slots.capacity }

  /// Places of the completion queue that the operations in flight and their cancel requests leave to messages of other
  /// rings.
  var placesForMessages: Int { Int(curing_completion_capacity(handle)) - 2 * capacity }

  /// Places in the submission queue, and so the longest chain.
  public var submissionCapacity: Int { Int(curing_submission_capacity(handle)) }

  /// Whether the limit on operations in flight is reached. Taking completions makes room.
  public var isFull: Bool { slots.isFull }

  /// The operations in flight.
  public var operationsInFlight: [OperationID] { slots.identifiers }

  /// How many entries wait to be submitted.
  public var unsubmitted: Int { Int(curing_unsubmitted(handle)) }

  /// How often this ring has entered the kernel to submit or to wait.
  public var enters: UInt64 { curing_enters(handle) }

  /// Puts an operation on the submission queue. Nothing happens to it until the next ``submit(waitingFor:)``, unless
  /// the queue is full, which submits what is there.
  ///
  /// - Returns: the operation's name, or nil if the limit on operations in flight is reached.
  /// - Throws: what submitting throws when the queue was full.
  public mutating func push(_ entry: consuming SubmissionEntry) throws(Errno) -> OperationID? {
    if slots.isFull { return nil }
    try makeRoom()
    return place(entry, behind: nil, [])
  }

  /// Puts all of a chain on the submission queue, or nothing of it. Its entries are submitted together.
  ///
  /// - Returns: the operations' names, those of timeouts among them; nil if the limit on operations in flight leaves no
  ///   room.
  /// - Throws: what submitting throws when the queue was full; `EINVAL` if the chain is longer than the queue, or than
  ///   the limit.
  public mutating func push(_ chain: OperationChain) throws(Errno) -> [OperationID]? {
    let entries = chain.entries
    if entries.count > min(capacity, submissionCapacity) { throw .invalidArgument }
    if slots.used + entries.count > capacity { return nil }
    try makeRoom(for: entries.count)
    var ids: [OperationID] = []
    ids.reserveCapacity(entries.count)
    // Where the links begin that lead to an entry.
    var start = 0
    for (place, entry) in entries.enumerated() {
      let isFollower = place > 0 && entries[place - 1].isLinked
      if !isFollower { start = place }
      ids.append(self.place(entry, behind: isFollower ? ids[place - 1] : nil, entries[start..<place]))
    }
    return ids
  }

  /// Gives an entry a slot and a place on the queue; there are both.
  private mutating func place(
    _ entry: consuming SubmissionEntry, behind predecessor: OperationID?, _ earlier: ArraySlice<SubmissionEntry>
  ) -> OperationID {
    let id = slots.claim(for: entry, behind: predecessor, earlier)
    if let time = entry.timeout { entry.request.address = slots.store(time, for: id) }
    entry.request.user_data = id.userData
    let pushed = curing_push(handle, &entry.request)
    precondition(pushed, "the submission queue has room")
    return id
  }

  /// Asks the kernel to give up an operation. It completes as it would have, or with `ECANCELED`, and only when the
  /// kernel has let go of its memory. Cancelling twice, or what has completed, does nothing.
  ///
  /// An operation of a chain that has not begun is cancelled when it begins; ``takeCompletions(_:onMessage:)`` asks for
  /// that. A close is never cancelled, since a descriptor would be left that nobody knows to be open.
  ///
  /// - Throws: what submitting throws when the queue was full. The operation is cancelled nevertheless, as soon as
  ///   completions have been taken.
  public mutating func cancel(_ id: OperationID) throws(Errno) {
    guard slots.want(cancelled: id) else { return }
    do throws(Errno) {
      try makeRoom()
    } catch {
      slots.postponeCancellation(id)
      throw error
    }
    let pushed = Self.pushCancelRequest(for: id, handle, &slots)
    precondition(pushed, "the submission queue has room")
  }

  static func pushCancelRequest(
    for id: OperationID, _ handle: OpaquePointer, _ slots: inout SlotTable
  ) -> Bool {
    var request = SubmissionEntry.cancel(id).request
    if !curing_push(handle, &request) { return false }
    slots.markCancelling(id)
    return true
  }

  /// Whether the operation is in flight and is not being cancelled yet.
  func canCancel(_ id: OperationID) -> Bool { slots.canCancel(id) }

  /// The operation in a slot, if there is one in flight.
  func operation(inSlot index: Int) -> OperationID? { slots.operation(inSlot: index) }

  /// Whether there are cancel requests that had no room on the queue.
  var hasDueCancellations: Bool { slots.hasDueCancellations }

  /// The flags that the kernel took.
  public var setupFlags: SetupFlags { SetupFlags(rawValue: curing_setup_flags(handle)) }

  /// Whether the kernel holds completions back until ``submitAndFlush()``. Known with ``SetupFlags/taskRunFlag`` only.
  public var holdsCompletions: Bool { curing_holds_completions(handle) }

  static func check(_ result: Int32) throws(Errno) -> Int {
    if result < 0 { throw Errno(rawValue: -result) }
    return Int(result)
  }

  // MARK: Completing

  /// Takes the completions that are there, without waiting and without entering the kernel, and calls `body` with each.
  /// Afterwards it pushes the cancel requests whose turn has come (``cancel(_:)``), as far as there is room.
  ///
  /// - Parameter onMessage: called with the messages of other rings.
  /// - Returns: how many completions there were.
  @discardableResult
  public mutating func takeCompletions(
    _ body: (Completion) -> Void, onMessage: (UInt64) -> Void = { _ in }
  ) -> Int {
    if providedBuffers.isEmpty { return Self.takeCompletions(handle, &slots, body, onMessage) }
    let queues = providedBuffers
    return Self.takeCompletions(
      handle, &slots,
      { completion in
        if let buffer = completion.buffer { queues[buffer.group]?.arrived(buffer.index, completion.result) }
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
    for id in slots.takeDueCancellations() where !pushCancelRequest(for: id, handle, &slots) {
      slots.postponeCancellation(id)
    }
    return delivered
  }
}
