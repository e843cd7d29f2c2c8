/// Names a task that may have to wait, so that its cancellation can find it. Never used twice in one queue.
@usableFromInline
struct WaiterID: Hashable, Sendable {
  @usableFromInline let slot: Int
  @usableFromInline let serial: UInt64

  @inlinable
  init(slot: Int, serial: UInt64) {
    (self.slot, self.serial) = (slot, serial)
  }
}

/// Waiters in FIFO order, any of which can be removed in constant time: a doubly linked list whose nodes are the slots
/// of an array.
///
/// A waiter reserves its slot, and with it gets its ID, before it is enqueued: the ID must be known to the task's
/// cancellation handler, which may run before, during or after the wait. There are as many slots as tasks have waited
/// at the same time; they are reused and never freed.
@usableFromInline
struct CancellableFIFO<Waiter> {
  @usableFromInline
  struct Slot {
    /// Of the current reservation; 0 if the slot is free.
    @usableFromInline var serial: UInt64
    /// Nil until the waiter is enqueued.
    @usableFromInline var waiter: Waiter?
    /// The neighbours in the queue; of a free slot, `next` is the next free one.
    @usableFromInline var previous = none
    @usableFromInline var next = none

    @inlinable
    init(serial: UInt64) {
      self.serial = serial
    }
  }

  /// The index of no slot.
  @inlinable static var none: Int { -1 }

  @usableFromInline var slots: [Slot] = []
  @usableFromInline var firstIndex = none
  @usableFromInline var lastIndex = none
  @usableFromInline var firstFree = none
  @usableFromInline var lastSerial: UInt64 = 0
  /// The number of enqueued waiters.
  @usableFromInline var count = 0

  @inlinable
  init() {}

  @inlinable var isEmpty: Bool { firstIndex == Self.none }

  /// The waiter that has waited longest. The queue must not be empty.
  @inlinable var first: Waiter {
    get { slots[firstIndex].waiter! }
    _modify { yield &slots[firstIndex].waiter! }
  }

  /// Must be followed by ``enqueue(_:_:)`` or ``release(_:)``.
  @inlinable
  mutating func reserve() -> WaiterID {
    lastSerial += 1
    let slot = firstFree
    if slot == Self.none {
      slots.append(Slot(serial: lastSerial))
      return WaiterID(slot: slots.count - 1, serial: lastSerial)
    }
    firstFree = slots[slot].next
    slots[slot].serial = lastSerial
    return WaiterID(slot: slot, serial: lastSerial)
  }

  /// Frees a reserved slot whose waiter does not have to wait.
  @inlinable
  mutating func release(_ id: WaiterID) {
    free(id.slot)
  }

  /// Appends a waiter, in the slot that was reserved for it.
  @inlinable
  mutating func enqueue(_ waiter: consuming Waiter, _ id: WaiterID) {
    slots[id.slot].waiter = consume waiter
    slots[id.slot].previous = lastIndex
    slots[id.slot].next = Self.none
    if lastIndex == Self.none { firstIndex = id.slot } else { slots[lastIndex].next = id.slot }
    lastIndex = id.slot
    count += 1
  }

  @inlinable
  mutating func popFirst() -> Waiter? {
    isEmpty ? nil : remove(firstIndex)
  }

  /// Removes a waiter; nil if it is not enqueued, or not any more.
  @inlinable
  mutating func remove(_ id: WaiterID) -> Waiter? {
    slots[id.slot].serial == id.serial && slots[id.slot].waiter != nil ? remove(id.slot) : nil
  }

  @inlinable
  mutating func remove(_ index: Int) -> Waiter? {
    let waiter = slots[index].waiter.take()
    let (previous, next) = (slots[index].previous, slots[index].next)
    if previous == Self.none { firstIndex = next } else { slots[previous].next = next }
    if next == Self.none { lastIndex = previous } else { slots[next].previous = previous }
    count -= 1
    free(index)
    return waiter
  }

  @inlinable
  mutating func free(_ index: Int) {
    slots[index].serial = 0
    slots[index].next = firstFree
    firstFree = index
  }
}

extension CancellableFIFO: Sendable where Waiter: Sendable {}
extension CancellableFIFO.Slot: Sendable where Waiter: Sendable {}
