import CUring
import Glibc

/// The operations in flight, and what each of them keeps alive: a fixed number of slots, made once.
///
/// A plain value without a lock: it belongs to its ring, and the ring to one thread.
struct SlotTable: ~Copyable {
  private struct Slot {
    var generation: UInt32 = 0
    var isUsed = false
    var isCancellable = true
    /// Somebody has asked for it to be cancelled.
    var isUnwanted = false
    /// A cancel request for this operation is with the kernel. The slot is not free before that completes as well.
    var isCancelling = false
    /// It is to be cancelled when its turn has come.
    var isPostponed = false
    /// What it is linked behind: it begins when that has ended.
    var predecessor: OperationID?
    /// How many cancel requests have not found it although its turn had come.
    var misses = 0
    var result: Int32?
    /// Where its result is kept while a cancel request is still out.
    var buffer: ProvidedBuffer?
    /// The group that the kernel is to choose a buffer from.
    var group: UInt16?
    var memory: AnyObject?
    var transfer: BufferTransfer?
  }

  /// An operation whose predecessor has ended begins when the kernel comes to it, by 20 and more in each
  /// io_uring_enter(2); a cancel request that comes before misses it. So many are enough for a thousand operations. One
  /// that is missed even then cannot be cancelled: it is with the disk.
  private static let mostMisses = 64

  private var slots: [Slot]
  private var free: [UInt32]

  /// One `struct __kernel_timespec` a slot, at an address that holds still.
  private let times: UnsafeMutablePointer<KernelTime>

  /// How many operations can be in flight.
  let capacity: Int

  /// Completions that belonged to no operation in flight.
  private(set) var strayCompletions = 0

  /// What is to be cancelled later: its turn has not come, a request has missed it, or there was no room for one.
  private var postponed: [OperationID] = []

  var used: Int { capacity - free.count }
  var isFull: Bool { free.isEmpty }

  /// - Parameter generation: how often each slot counts as used before.
  init(capacity: Int, generation: UInt32 = 0) {
    precondition(capacity > 0 && capacity < OperationID.maximumSlots)
    self.capacity = capacity
    slots = Array(repeating: Slot(generation: generation), count: capacity)
    free = (0..<UInt32(capacity)).reversed()
    times = .allocate(capacity: capacity)
  }

  deinit {
    times.deallocate()
  }

  /// Takes a free slot; there must be one.
  ///
  /// - Parameters:
  ///   - predecessor: what the operation is linked behind.
  ///   - earlier: the entries that are linked before it.
  mutating func claim(
    for entry: borrowing SubmissionEntry, behind predecessor: OperationID?,
    _ earlier: ArraySlice<SubmissionEntry> = []
  ) -> OperationID {
    entry.transfer?.begin(behind: earlier)
    let index = free.removeLast()
    slots[Int(index)].isUsed = true
    slots[Int(index)].isCancellable = entry.isCancellable
    slots[Int(index)].predecessor = predecessor
    slots[Int(index)].memory = entry.memory
    slots[Int(index)].transfer = entry.transfer
    slots[Int(index)].group = entry.bufferGroup
    return OperationID(index: index, generation: slots[Int(index)].generation)
  }

  /// Copies `time` to where the kernel can read it until the operation completes.
  mutating func store(_ time: KernelTime, for id: OperationID) -> UInt64 {
    let address = times + Int(id.index)
    address.initialize(to: time)
    return UInt64(address)
  }

  /// Whether the operation is still in flight.
  func contains(_ id: OperationID) -> Bool {
    let index = Int(id.index)
    return index < capacity && slots[index].isUsed && slots[index].generation == id.generation
  }

  func operation(inSlot index: Int) -> OperationID? {
    slots[index].isUsed ? OperationID(index: UInt32(index), generation: slots[index].generation) : nil
  }

  // MARK: Completions

  /// A completion from the queue: what it says of which operation, once nothing of that is left with the kernel.
  mutating func accept(_ entry: curing_completion) -> Ring.Completion? {
    let id = OperationID(userData: entry.user_data)
    guard contains(id) else {
      strayCompletions += 1
      return nil
    }
    if entry.user_data & OperationID.cancelBit != 0 {
      noteCancelResult(entry.result, of: id)
    } else {
      slots[Int(id.index)].result = translated(entry.result, of: id)
      slots[Int(id.index)].buffer = chosenBuffer(entry, of: id)
    }
    return releaseIfDone(id)
  }

  /// A worker thread that is interrupted in its call says `EINTR`, or, where io_uring forgets to translate it (splice),
  /// the kernel's own `ERESTARTSYS`. Nothing was done, and only cancelling interrupts it.
  private func translated(_ result: Int32, of id: OperationID) -> Int32 {
    let restartSystemCall: Int32 = 512
    guard result == -EINTR || result == -restartSystemCall else { return result }
    return slots[Int(id.index)].isUnwanted ? -ECANCELED : -EINTR
  }

  private func chosenBuffer(_ entry: curing_completion, of id: OperationID) -> ProvidedBuffer? {
    guard entry.flags & UInt32(CURING_CQE_BUFFER) != 0, let group = slots[Int(id.index)].group else { return nil }
    return ProvidedBuffer(group: group, index: UInt16(entry.flags >> UInt32(CURING_CQE_BUFFER_SHIFT)))
  }

  private mutating func releaseIfDone(_ id: OperationID) -> Ring.Completion? {
    let index = Int(id.index)
    guard let result = slots[index].result, !slots[index].isCancelling else { return nil }
    var slot = Slot(generation: slots[index].generation &+ 1)
    swap(&slot, &slots[index])
    free.append(id.index)
    slot.transfer?.end(result)
    return Ring.Completion(id: id, result: result, buffer: slot.buffer)
  }

  // MARK: Cancelling

  /// Whether the operation is in flight, has no result, and no cancel request for it is out.
  func canCancel(_ id: OperationID) -> Bool {
    contains(id) && slots[Int(id.index)].isCancellable && slots[Int(id.index)].result == nil
      && !slots[Int(id.index)].isCancelling
  }

  /// Notes that an operation is to be cancelled. True if a cancel request is to be sent now: the kernel does not find
  /// an operation that is linked behind another and has not begun.
  mutating func want(cancelled id: OperationID) -> Bool {
    guard canCancel(id) else { return false }
    slots[Int(id.index)].isUnwanted = true
    if isDue(id) { return true }
    postponeCancellation(id)
    return false
  }

  mutating func markCancelling(_ id: OperationID) {
    slots[Int(id.index)].isCancelling = true
  }

  mutating func postponeCancellation(_ id: OperationID) {
    if slots[Int(id.index)].isPostponed { return }
    slots[Int(id.index)].isPostponed = true
    postponed.append(id)
  }

  /// Whether nothing keeps the operation from beginning.
  private func isDue(_ id: OperationID) -> Bool {
    guard let predecessor = slots[Int(id.index)].predecessor, contains(predecessor) else { return true }
    return slots[Int(predecessor.index)].result != nil
  }

  /// What a cancel request says (found, not found, too late) does not matter: the operation's own completion tells how
  /// it ended. Only one that was linked, and was not found because it is just about to begin, is to be asked for again.
  private mutating func noteCancelResult(_ result: Int32, of id: OperationID) {
    let index = Int(id.index)
    slots[index].isCancelling = false
    if result == -ENOENT, slots[index].predecessor != nil, slots[index].result == nil,
      slots[index].misses < Self.mostMisses
    {
      slots[index].misses += 1
      postponeCancellation(id)
    }
  }

  /// Whether an operation that is to be cancelled could be asked for now.
  var hasDueCancellations: Bool {
    for id in postponed where !contains(id) || isDue(id) { return true }
    return false
  }

  /// Takes out those whose turn has come.
  mutating func takeDueCancellations() -> [OperationID] {
    if postponed.isEmpty { return [] }
    let waiting = postponed
    postponed = []
    var due: [OperationID] = []
    for id in waiting where contains(id) {
      if !isDue(id) {
        postponed.append(id)
      } else {
        slots[Int(id.index)].isPostponed = false
        if canCancel(id) { due.append(id) }
      }
    }
    return due
  }

  // MARK: Closing

  /// Keeps the memory of the operations in flight for ever: the last resort where they cannot be waited for.
  func leakMemory() {
    for slot in slots {
      if let memory = slot.memory { _ = Unmanaged.passRetained(memory) }
      slot.transfer?.leak()
    }
  }

  /// The operations in flight.
  var identifiers: [OperationID] {
    slots.indices.compactMap { operation(inSlot: $0) }
  }
}
