import TestTurns
import Testing

@testable import AsyncPipeline

/// When a batch is due, with a clock that moves only when a test says so.
struct BatchBufferTests {
  private let clock = ManualClock()

  @Test func batch_is_due_when_it_is_full() {
    let buffer = BatchBuffer<Int>(size: 8, clock: RunClock(clock))
    for batch in 0..<20 {
      for element in 1...8 { #expect(buffer.append(element) == (element == 8), "batch \(batch)") }
      #expect(buffer.takeAll() == Array(1...8))
    }
  }

  @Test func element_that_took_long_is_due_at_once() {
    let buffer = BatchBuffer<Int>(size: 64, clock: RunClock(clock))
    for element in 0..<100 {
      clock.advance(by: FlushTimer.limit)
      #expect(buffer.append(element))
      #expect(buffer.takeAll() == [element])
    }
  }

  @Test func batch_is_due_when_it_is_old() {
    let buffer = BatchBuffer<Int>(size: 64, clock: RunClock(clock))
    for batch in 0..<20 {
      for element in 1...4 {
        clock.advance(by: FlushTimer.limit / 4)
        #expect(buffer.append(element) == (element == 4), "batch \(batch)")
      }
      #expect(buffer.takeAll() == Array(1...4))
    }
  }

  /// After elements that came fast, the clock is not read at each.
  @Test(arguments: 0..<200)
  func sixteen_elements_are_late_when_they_become_slow(fast: Int) {
    let buffer = BatchBuffer<Int>(size: 64, clock: RunClock(clock))
    for element in 0..<fast where buffer.append(element) { _ = buffer.takeAll() }
    var late: [Int] = []
    for element in 0..<100 {
      clock.advance(by: FlushTimer.limit)
      if buffer.append(element) { late.append(buffer.takeAll().count) }
    }
    #expect(late[0] <= fast % 64 + 16 && late.dropFirst().allSatisfy { $0 == 1 })
  }

  @Test func buffer_without_a_clock_is_due_when_it_is_full() {
    let buffer = BatchBuffer<Int>(size: 3)
    #expect([1, 2, 3].map(buffer.append) == [false, false, true])
    #expect(buffer.takeAll() == [1, 2, 3])
    #expect([4, 5].map(buffer.append) == [false, false])
  }

  /// The operator runs in the source's task, which waits for nothing else.
  @Test func slow_synchronous_operator_holds_up_no_element_before() async throws {
    let seen = Counter()
    let run = Pipeline(0..<100)
      .map { [clock] element in
        #expect(seen.value == element)
        clock.advance(by: FlushTimer.limit)
        return element
      }
      .prepare("sink", clock: clock) { sink in
        try await sink.absorb { _ in
          seen.add()
        } batch: {
          seen.add($0.count)
        }
      }
    try await run()
    #expect(seen.value == 100)
  }
}
