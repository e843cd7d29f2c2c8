import Testing

@testable import LinuxSystem

struct BlockingQueueTests {
  @Test func elements_come_in_order() {
    let queue = BlockingQueue<Int>()
    for number in 0..<10 { #expect(queue.append(number)) }
    for number in 0..<10 { #expect(queue.take() == number) }
  }

  @Test func closed_queue_gives_what_it_has_and_takes_nothing() {
    let queue = BlockingQueue<Int>()
    #expect(queue.append(1))
    queue.close()
    #expect(!queue.append(2))
    #expect(queue.take() == 1)
    #expect(queue.take() == nil)
    #expect(queue.take() == nil)
  }

  @Test(.timeLimit(.minutes(5)))
  func many_threads_share_all_elements_and_end_with_the_queue() async throws {
    let queue = BlockingQueue<Int>()
    let ends = (0..<4).map { _ in Latch<Int>() }
    for end in ends {
      try startThread(name: "taker") {
        var sum = 0
        while let number = queue.take() { sum += number }
        end.open(with: sum)
      }
    }
    await withTaskGroup(of: Void.self) { group in
      for part in 0..<4 {
        group.addTask { for number in 0..<2500 { #expect(queue.append(part * 2500 + number)) } }
      }
    }
    queue.close()
    var sum = 0
    for end in ends { sum += await end.value }
    #expect(sum == 9999 * 10_000 / 2)
  }
}
