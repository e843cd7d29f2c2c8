import Testing

@testable import LinuxSystem

@Suite(.timeLimit(.minutes(1)))
struct CancellableFIFOTests {
  /// All orders in which up to five waiters are served or leave, against a plain array.
  @Test(arguments: 0...5) func waiters_that_stay_are_served_in_their_order(_ count: Int) {
    // Each step takes the first waiter (0) or the waiter of that number, which may have left already.
    let choices = count + 1
    let sequences = (0..<count).reduce(1) { product, _ in product * choices }
    for number in 0..<sequences where !agrees(count, choices, number) {
      Issue.record("sequence \(number) of \(count)")
    }
  }

  private func agrees(_ count: Int, _ choices: Int, _ number: Int) -> Bool {
    var queue = CancellableFIFO<Int>()
    var model = Array(1..<choices)
    let ids = model.map { waiter in
      let id = queue.reserve()
      queue.append(waiter, as: id)
      return id
    }
    var rest = number
    for _ in 0..<count {
      let choice = rest % choices
      rest /= choices
      let taken = choice == 0 ? queue.popFirst() : queue.remove(ids[choice - 1])
      let index = choice == 0 ? model.indices.first : model.firstIndex(of: choice)
      if taken != index.map({ model.remove(at: $0) }) { return false }
      if queue.count != model.count || queue.first != model.first || queue.isEmpty != model.isEmpty { return false }
    }
    return true
  }

  /// Every removal takes the same few steps, so the order does not matter: quadratic work would take minutes.
  @Test func a_hundred_thousand_leave_from_the_end_from_the_front_and_from_the_middle() {
    var queue = CancellableFIFO<Int>()
    for round in 0..<3 {
      var ids = (0..<100_000).map { number in
        let id = queue.reserve()
        queue.append(number, as: id)
        return id
      }
      if round == 0 { ids.reverse() }
      if round == 2 { ids = ids.enumerated().sorted { $0.offset % 317 < $1.offset % 317 }.map(\.element) }
      for id in ids where queue.remove(id) == nil { Issue.record("\(id) was not there") }
      #expect(queue.isEmpty && queue.nodeCount == 100_000)
    }
  }

  @Test func nodes_are_as_many_as_have_waited_at_once() {
    var queue = CancellableFIFO<Int>()
    let first = queue.reserve()
    queue.append(0, as: first)
    for number in 1..<10_000 {
      let (left, unused) = (queue.reserve(), queue.reserve())
      queue.append(number, as: left)
      queue.release(unused)
      #expect(queue.remove(unused) == nil)
      #expect(queue.remove(left) == number && queue.remove(left) == nil)
    }
    #expect(queue.count == 1 && queue.nodeCount == 3)
  }

  @Test func a_waiter_that_was_only_reserved_is_not_found() {
    var queue = CancellableFIFO<Int>()
    let id = queue.reserve()
    #expect(queue.remove(id) == nil)
    queue.append(7, as: id)
    #expect(queue.remove(id) == 7)
  }
}
