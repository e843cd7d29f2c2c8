import Testing

@testable import AsyncPipeline

struct CancellableFIFOTests {
  typealias Queue = CancellableFIFO<CountedID, Int>

  /// Counts how often IDs are hashed and compared: a search would compare with each waiter.
  struct CountedID: Hashable {
    @TaskLocal static var steps = Counter()
    let number: Int

    static func == (one: CountedID, other: CountedID) -> Bool {
      steps.add()
      return one.number == other.number
    }

    func hash(into hasher: inout Hasher) {
      Self.steps.add()
      hasher.combine(number)
    }
  }

  @Test func waiters_are_served_in_their_order_without_those_that_left() {
    var queue = CancellableFIFO<Int, String>()
    for (id, waiter) in ["a", "b", "c", "d"].enumerated() { queue.append(waiter, id: id) }
    #expect(queue.remove(1) == "b")
    #expect(queue.remove(1) == nil)
    #expect(queue.remove(9) == nil)
    #expect(queue.first == "a")
    queue.removeFirst()
    #expect(queue.first == "c")
    #expect(queue.remove(2) == "c")
    #expect(queue.first == "d")
    queue.removeFirst()
    #expect(queue.isEmpty && queue.first == nil)
  }

  /// Whether the first, the last or any waiter leaves next.
  @Test(arguments: [100, 10_000], 0..<3)
  func leaving_takes_a_constant_number_of_steps(waiters: Int, order: Int) {
    let steps = Counter()
    CountedID.$steps.withValue(steps) {
      var queue = Queue()
      for number in 0..<waiters { queue.append(number, id: CountedID(number: number)) }
      var numbers = Array(0..<waiters)
      if order == 1 { numbers.reverse() }
      if order == 2 {
        var generator = SeededGenerator(seed: waiters)
        numbers.shuffle(using: &generator)
      }
      for number in numbers { #expect(queue.remove(CountedID(number: number)) == number) }
      #expect(queue.isEmpty)
    }
    #expect(steps.value < 40 * waiters)
  }

  @Test func tombstones_are_bounded_while_the_first_waits() {
    var queue = CancellableFIFO<Int, Int>()
    queue.append(0, id: 0)
    for id in 1...1_000 {
      queue.append(id, id: id)
      _ = queue.remove(id)
      #expect(queue.order.count <= 2 * queue.waiters.count + CancellableFIFO<Int, Int>.sparedTombstones)
    }
    #expect(queue.first == 0)
  }
}
