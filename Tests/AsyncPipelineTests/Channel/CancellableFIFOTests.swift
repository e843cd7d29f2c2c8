import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct CancellableFIFOTests {
  private typealias Queue = CancellableFIFO<Int>

  /// All sequences of seven operations, compared with an array.
  @Test func queue_agrees_with_an_array() throws {
    struct State {
      var queue = Queue()
      var model: [Int] = []
      /// Of all waiters there ever were, by waiter.
      var ids: [WaiterID] = []
      var steps = 0
    }
    var sequences = 0
    func explore(_ state: State) {
      #expect(state.queue.waiters == state.model)
      #expect(state.queue.count == state.model.count && state.queue.hasLostNoSlot)
      if state.steps == 7 {
        sequences += 1
        return
      }
      func follow(_ change: (inout State) -> Void) {
        var next = state
        next.steps += 1
        change(&next)
        explore(next)
      }
      follow { next in
        let id = next.queue.reserve()
        next.queue.enqueue(next.ids.count, id)
        next.model.append(next.ids.count)
        next.ids.append(id)
      }
      follow { next in
        let (first, second) = (next.queue.reserve(), next.queue.reserve())
        next.queue.release(first)
        next.queue.enqueue(next.ids.count, second)
        next.model.append(next.ids.count)
        next.ids.append(second)
      }
      follow { next in
        #expect(next.queue.popFirst() == next.model.first)
        next.model = Array(next.model.dropFirst())
      }
      for (waiter, id) in state.ids.enumerated() {
        follow { next in
          #expect(next.queue.remove(id) == (next.model.contains(waiter) ? waiter : nil))
          next.model.removeAll { $0 == waiter }
        }
      }
    }
    explore(State())
    #expect(sequences > 10_000)
  }

  /// Neither a search nor a shift: no other slots change than that of the waiter and those of its neighbours.
  @Test(arguments: [3, 10, 1_000])
  func removal_touches_three_slots_however_long_the_queue_is(length: Int) {
    var queue = Queue()
    let ids = (0..<length).map { waiter in
      let id = queue.reserve()
      queue.enqueue(waiter, id)
      return id
    }
    for index in [length / 2, length - 1, 0] {
      let before = queue.slots
      #expect(queue.remove(ids[index]) == index)
      let changed = before.indices.filter { before[$0] != queue.slots[$0] }
      #expect(changed.count <= 3)
    }
    #expect(queue.slots.count == length)
  }

  @Test func slot_of_a_removed_waiter_is_reused_under_another_id() {
    var queue = Queue()
    let first = queue.reserve()
    queue.enqueue(1, first)
    #expect(queue.remove(first) == 1)
    let second = queue.reserve()
    #expect(queue.remove(second) == nil)
    queue.enqueue(2, second)
    #expect(queue.slots.count == 1)
    #expect(queue.remove(first) == nil)
    #expect(queue.popFirst() == 2)
  }
}

extension CancellableFIFO {
  /// In the order of the queue.
  var waiters: [Waiter] {
    var (waiters, index): ([Waiter], Int) = ([], firstIndex)
    while index != Self.none {
      waiters.append(slots[index].waiter!)
      index = slots[index].next
    }
    return waiters
  }

  /// Whether each slot is either enqueued or free: no reservation was forgotten.
  var hasLostNoSlot: Bool {
    var (free, index) = (0, firstFree)
    while index != Self.none {
      free += 1
      index = slots[index].next
    }
    return slots.count == count + free
  }
}

extension CancellableFIFO<Int>.Slot: Equatable {
  public static func == (left: Self, right: Self) -> Bool {
    (left.serial, left.waiter, left.previous, left.next) == (right.serial, right.waiter, right.previous, right.next)
  }
}
