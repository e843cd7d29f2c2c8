import Testing

@testable import IOUring

@Suite(.timeLimit(.minutes(1)))
struct TicketQueueTests {
  /// All orders in which up to five who wait are served or leave, against a plain array.
  @Test(arguments: 0...5) func those_who_stay_are_served_in_their_order(_ count: Int) {
    // Each step takes out the first (0), or the one with that ticket, who may have gone already.
    let choices = count + 1
    let sequences = (0..<count).reduce(1) { product, _ in product * choices }
    for number in 0..<sequences where !agrees(count, choices, number) {
      Issue.record("sequence \(number) of \(count)")
    }
  }

  private func agrees(_ count: Int, _ choices: Int, _ number: Int) -> Bool {
    var queue = TicketQueue<Int>()
    var model = Array(1..<choices)
    for ticket in model { queue.append(-ticket, ticket: UInt64(ticket)) }
    var rest = number
    for _ in 0..<count {
      let choice = rest % choices
      rest /= choices
      let taken = choice == 0 ? queue.popFirst() : queue.remove(UInt64(choice))
      let place = choice == 0 ? model.indices.first : model.firstIndex(of: choice)
      if taken != place.map({ -model.remove(at: $0) }) { return false }
      if queue.count != model.count || queue.first != model.first.map({ -$0 }) { return false }
    }
    return true
  }

  /// A search from the front would take minutes.
  @Test func a_hundred_thousand_leave_the_last_first() {
    var queue = TicketQueue<Int>()
    for ticket: UInt64 in 0..<100_000 { queue.append(0, ticket: ticket) }
    for ticket: UInt64 in (0..<100_000).reversed() where queue.remove(ticket) == nil {
      Issue.record("\(ticket) was not there")
    }
    #expect(queue.isEmpty)
  }

  @Test func those_who_have_left_take_no_room() {
    var queue = TicketQueue<Int>()
    queue.append(0, ticket: 0)
    for ticket: UInt64 in 1..<10_000 {
      queue.append(0, ticket: ticket)
      _ = queue.remove(ticket)
    }
    #expect(queue.count == 1)
    #expect(queue.entryCount < 100)
  }
}
