import Testing

@testable import AsyncPipeline

struct KeyedQueueTests {
  /// All ways to put in and finish elements of two keys, against a list that is searched.
  @Test func queue_gives_out_what_a_search_would() {
    func explore(_ queue: KeyedQueue<Int, Int>, _ waiting: [Int], _ atWork: [Int], next: Int, depth: Int) {
      #expect(queue.waitingCount == waiting.count)
      #expect(queue.count == waiting.count + atWork.count)
      if depth == 0 { return }
      for key in 0..<2 {
        var queue = queue
        queue.append(next * 2 + key, key: key)
        explore(queue, waiting + [next * 2 + key], atWork, next: next + 1, depth: depth - 1)
      }
      for element in atWork {
        var queue = queue
        queue.finish(element % 2)
        explore(queue, waiting, atWork.filter { $0 != element }, next: next, depth: depth - 1)
      }
      var queue = queue
      let possible = waiting.filter { element in
        !atWork.contains { $0 % 2 == element % 2 } && waiting.first { $0 % 2 == element % 2 } == element
      }
      if let entry = queue.popReady() {
        #expect(possible.contains(entry.element))
        #expect(entry.key == entry.element % 2)
        explore(
          queue, waiting.filter { $0 != entry.element }, atWork + [entry.element], next: next, depth: depth - 1)
      } else {
        #expect(possible.isEmpty)
      }
    }
    explore(KeyedQueue(), [], [], next: 0, depth: 8)
  }
}
