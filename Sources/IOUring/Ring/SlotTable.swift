import CUring
import Glibc

/// The operations in flight, and what each of them keeps alive: a fixed number of slots, made once.
///
/// A plain value without a lock: it belongs to its ring, and the ring to one thread.
struct SlotTable: ~Copyable {
  private struct Slot {
    var generation: UInt32 = 0
    var isUsed = false
    /// A cancel request for this operation is with the kernel. The slot is not free before that completes as well.
    var isCancelling = false
    /// It is linked behind another, and may begin only after the kernel has looked for it to cancel it.
    var isFollower = false
    var result: Int32?
    /// Where its result is kept while a cancel request is still out.
    var buffer: ProvidedBuffer?
    /// The group that the kernel is to choose a buffer from.
    var group: UInt16?
    var memory: AnyObject?
  }

  private var slots: [Slot]
  private var free: [UInt32]

  /// One `struct __kernel_timespec` a slot, at an address that holds still.
  private let times: UnsafeMutablePointer<KernelTime>

  /// How many operations can be in flight.
  let capacity: Int

  /// Completions that belonged to no operation in flight.
  private(set) var strayCompletions = 0

  /// Followers that a cancel request has not found, because they were just about to begin: it is to be sent again.
  private(set) var missedCancellations: [OperationID] = []

  var used: Int { capacity - free.count }
  var isFull: Bool { free.isEmpty }

  init(capacity: Int) {
    precondition(capacity > 0 && capacity < OperationID.maximumSlots)
    self.capacity = capacity
    slots = Array(repeating: Slot(), count: capacity)
    free = (0..<UInt32(capacity)).reversed()
    times = .allocate(capacity: capacity)
  }

  deinit {
    times.deallocate()
  }

  /// Takes a free slot; there must be one.
  mutating func claim(memory: AnyObject?, group: UInt16?, isFollower: Bool) -> OperationID {
    let index = free.removeLast()
    slots[Int(index)].isUsed = true
    slots[Int(index)].isFollower = isFollower
    slots[Int(index)].memory = memory
    slots[Int(index)].group = group
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

  /// Whether a cancel request may be sent: the operation is in flight, has no result, and none was sent before.
  func canCancel(_ id: OperationID) -> Bool {
    contains(id) && slots[Int(id.index)].result == nil && !slots[Int(id.index)].isCancelling
  }

  mutating func markCancelling(_ id: OperationID) {
    slots[Int(id.index)].isCancelling = true
  }

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
      slots[Int(id.index)].result = entry.result
      slots[Int(id.index)].buffer = chosenBuffer(entry, of: id)
    }
    return releaseIfDone(id)
  }

  /// What a cancel request says (found, not found, too late) does not matter: the operation's own completion tells how it
  /// ended. Only a follower that was not found is to be asked for again.
  private mutating func noteCancelResult(_ result: Int32, of id: OperationID) {
    slots[Int(id.index)].isCancelling = false
    if result == -ENOENT, slots[Int(id.index)].isFollower, slots[Int(id.index)].result == nil {
      missedCancellations.append(id)
    }
  }

  private func chosenBuffer(_ entry: curing_completion, of id: OperationID) -> ProvidedBuffer? {
    guard entry.flags & UInt32(CURING_CQE_BUFFER) != 0, let group = slots[Int(id.index)].group else { return nil }
    return ProvidedBuffer(group: group, index: UInt16(entry.flags >> UInt32(CURING_CQE_BUFFER_SHIFT)))
  }

  private mutating func releaseIfDone(_ id: OperationID) -> Ring.Completion? {
    let slot = slots[Int(id.index)]
    guard let result = slot.result, !slot.isCancelling else { return nil }
    slots[Int(id.index)] = Slot(generation: slot.generation &+ 1)
    free.append(id.index)
    return Ring.Completion(id: id, result: result, buffer: slot.buffer)
  }

  mutating func takeMissedCancellations() -> [OperationID] {
    if missedCancellations.isEmpty { return [] }
    defer { missedCancellations = [] }
    return missedCancellations
  }

  /// The `user_data` of every completion that is still to come, for a ring that closes.
  var awaitedCompletions: Set<UInt64> {
    var awaited: Set<UInt64> = []
    for id in identifiers {
      if slots[Int(id.index)].result == nil { awaited.insert(id.userData) }
      if slots[Int(id.index)].isCancelling { awaited.insert(id.userData | OperationID.cancelBit) }
    }
    return awaited
  }

  /// Keeps the memory of the operations in flight for ever: the last resort where they cannot be waited for.
  func leakMemory() {
    for slot in slots { if let memory = slot.memory { _ = Unmanaged.passRetained(memory) } }
  }

  /// The operations in flight, for a ring that closes.
  var identifiers: [OperationID] {
    slots.indices.filter { slots[$0].isUsed }.map {
      OperationID(index: UInt32($0), generation: slots[$0].generation)
    }
  }
}
