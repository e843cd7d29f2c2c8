import CUring
import Glibc
import SystemPackage

/// What is in flight, and the memory that it keeps alive: a fixed number of slots, made once.
///
/// An operation has a slot, and so has a chain, however many operations it consists of. A plain value without a lock:
/// it belongs to its ring, and the ring to one thread.
struct SlotTable: ~Copyable {
  struct Slot {
    var generation: UInt32 = 0
    var isUsed = false
    /// A task has asked for the cancellation of the operation, or of the whole chain.
    var cancelRequested = false
    /// A cancel request is with the kernel. The slot is not free before the request has completed as well.
    var isCancelling = false
    /// The slot is in ``SlotTable/deferredCancellations``.
    var cancelDeferred = false
    /// How many cancel requests have not found the current operation of a chain.
    var cancelAttempts = 0
    /// A close is not cancellable.
    var isCancellable = true
    /// The operation's result, kept here while a cancel request is still with the kernel. Not used by chains.
    var result: Int32?
    /// The buffer that the kernel chose.
    var buffer: ProvidedBuffer?
    /// The group that the kernel is to choose a buffer from.
    var group: UInt16?
    var memory: AnyObject?
    var transfer: BufferTransfer?
    var chain: ChainInFlight?
  }

  var slots: [Slot]
  private var free: [UInt32]

  /// A `struct __kernel_timespec` for each slot, at a fixed address.
  private let times: UnsafeMutablePointer<KernelTime>

  /// How many operations can be in flight, those of chains included.
  let capacity: Int
  /// How many operations are in flight.
  private(set) var used = 0

  /// Completions that belonged to no operation in flight.
  private(set) var strayCompletions = 0

  /// Cancel requests that are due and have not been sent: there was no room for them, the request before missed the
  /// operation, or a chain has come to its next operation.
  var deferredCancellations: [OperationID] = []
  /// How many deferred requests have been examined in all. Tests bound the work per cancelled operation by it.
  var examinedCancellations = 0

  var isFull: Bool { used == capacity }

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

  /// Takes a slot for an operation; one must be free.
  mutating func claim(for entry: borrowing SubmissionEntry) -> OperationID {
    entry.transfer?.begin(behind: [])
    let id = claim(1)
    slots[Int(id.index)].isCancellable = entry.isCancellable
    slots[Int(id.index)].memory = entry.memory
    slots[Int(id.index)].transfer = entry.transfer
    slots[Int(id.index)].group = entry.bufferGroup
    return id
  }

  /// Takes a slot for a chain; there must be room for all of its operations.
  mutating func claim(for chain: ChainInFlight) -> OperationID {
    let entries = chain.entries
    for (position, entry) in entries.enumerated() { entry.transfer?.begin(behind: entries[..<position]) }
    let id = claim(entries.count)
    slots[Int(id.index)].chain = chain
    slots[Int(id.index)].group = entries.lazy.compactMap(\.bufferGroup).first
    return id
  }

  private mutating func claim(_ operations: Int) -> OperationID {
    precondition(used + operations <= capacity, "there is room for the operations")
    used += operations
    let index = free.removeLast()
    slots[Int(index)].isUsed = true
    return OperationID(index: index, generation: slots[Int(index)].generation)
  }

  /// Copies `time` to where the kernel can read it until the operation completes.
  mutating func store(_ time: KernelTime, for id: OperationID) -> UInt64 {
    let address = times + Int(id.index)
    address.initialize(to: time)
    return UInt64(address)
  }

  /// Whether the operation or chain is in flight.
  func contains(_ id: OperationID) -> Bool {
    let index = Int(id.index)
    return index < capacity && slots[index].isUsed && slots[index].generation == id.generation
  }

  // MARK: Completions

  /// Takes a completion from the queue.
  ///
  /// - Returns: what has completed, if nothing of it is left with the kernel.
  mutating func accept(_ entry: curing_completion) -> Ring.Completion? {
    let id = OperationID(userData: entry.user_data)
    guard contains(id) else {
      strayCompletions += 1
      return nil
    }
    let position = OperationID.position(userData: entry.user_data)
    if entry.user_data & OperationID.cancelBit != 0 {
      noteCancelResult(entry.result, of: id, at: position)
    } else if !noteResult(entry, of: id, at: position) {
      strayCompletions += 1
      return nil
    }
    return releaseIfDone(id)
  }

  private mutating func noteResult(_ entry: curing_completion, of id: OperationID, at position: Int) -> Bool {
    let index = Int(id.index)
    let result = translated(entry.result, of: id)
    if let chain = slots[index].chain {
      guard chain.complete(position, with: result) else { return false }
      cancelNextOperation(of: id)
    } else {
      guard position == 0, slots[index].result == nil else { return false }
      slots[index].result = result
    }
    if let buffer = chosenBuffer(entry, of: id) { slots[index].buffer = buffer }
    return true
  }

  /// A worker thread that is interrupted in its call reports `EINTR`, or, where io_uring forgets to translate it
  /// (splice), the kernel's own `ERESTARTSYS`. Nothing was done, and only a cancellation interrupts the thread.
  private func translated(_ result: Int32, of id: OperationID) -> Int32 {
    let restartSystemCall: Int32 = 512
    guard result == -EINTR || result == -restartSystemCall else { return result }
    return slots[Int(id.index)].cancelRequested ? -ECANCELED : -EINTR
  }

  private func chosenBuffer(_ entry: curing_completion, of id: OperationID) -> ProvidedBuffer? {
    guard entry.flags & UInt32(CURING_CQE_BUFFER) != 0, let group = slots[Int(id.index)].group else { return nil }
    return ProvidedBuffer(
      group: group, index: UInt16(entry.flags >> UInt32(CURING_CQE_BUFFER_SHIFT)), byteCount: max(0, Int(entry.result)))
  }

  private mutating func releaseIfDone(_ id: OperationID) -> Ring.Completion? {
    let index = Int(id.index)
    let isDone = slots[index].chain.map { $0.pendingCount == 0 } ?? (slots[index].result != nil)
    guard isDone, !slots[index].isCancelling else { return nil }
    var slot = Slot(generation: slots[index].generation &+ 1)
    swap(&slot, &slots[index])
    free.append(id.index)
    if let chain = slot.chain {
      used -= chain.entries.count
      chain.endTransfers()
      return Ring.Completion(id: id, results: chain.results, buffer: slot.buffer)
    }
    used -= 1
    let result = slot.result!
    slot.transfer?.end(result)
    return Ring.Completion(id: id, result: result, buffer: slot.buffer)
  }

  // MARK: Closing

  /// Keeps the memory of everything in flight for ever: the last resort if the kernel cannot be waited for.
  func leakMemory() {
    for slot in slots {
      if let memory = slot.memory { _ = Unmanaged.passRetained(memory) }
      if let chain = slot.chain { _ = Unmanaged.passRetained(chain) }
      slot.transfer?.leak()
    }
  }

  /// Everything in flight.
  var identifiers: [OperationID] {
    slots.indices.compactMap { index in
      slots[index].isUsed ? OperationID(index: UInt32(index), generation: slots[index].generation) : nil
    }
  }

  /// Completions for everything in flight, as if the kernel had answered `error` to what has no result. The slots stay
  /// used: the kernel may still have their memory.
  func completions(failingWith error: Errno) -> [Ring.Completion] {
    identifiers.map { id in
      let slot = slots[Int(id.index)]
      if let chain = slot.chain {
        return Ring.Completion(id: id, results: chain.results(elsewhere: -error.rawValue), buffer: nil)
      }
      return Ring.Completion(id: id, result: slot.result ?? -error.rawValue, buffer: nil)
    }
  }
}
