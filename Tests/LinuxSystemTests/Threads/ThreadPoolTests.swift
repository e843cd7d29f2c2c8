import Synchronization
import Testing

@testable import LinuxSystem

struct ThreadPoolTests {
  private final class Sum: Sendable {
    let value = Atomic(0)
  }

  @Test func work_is_done_before_the_end_and_refused_after_it() async {
    let (pool, sum) = (ThreadPool<Int>(name: "test", threadCount: 4), Sum())
    for number in 1...100 { #expect(pool.append(number)) }
    let count = pool.start { while let number = pool.take() { sum.value.add(number, ordering: .relaxed) } }
    #expect(count == 4)
    await pool.shutDown()
    #expect(sum.value.load(ordering: .relaxed) == 5050)
    #expect(!pool.append(1))
  }

  @Test func threads_are_started_once() async {
    let (pool, starts) = (ThreadPool<Int>(name: "test", threadCount: 2), Sum())
    for _ in 1...3 {
      pool.start {
        starts.value.add(1, ordering: .relaxed)
        while pool.take() != nil {}
      }
    }
    await pool.shutDown()
    #expect(starts.value.load(ordering: .relaxed) == 2)
  }

  @Test func pool_that_was_never_started_ends_at_once() async {
    await ThreadPool<Int>(name: "test", threadCount: 2).shutDown()
  }
}
