import FileTestSupport
import Testing

@testable import FileEngines

@Suite(.timeLimit(.minutes(1)))
struct FairSemaphoreTests {
  @Test func who_comes_first_gets_the_next_place() async throws {
    let permits = FairSemaphore(count: 1, loops: 1)
    let executor = try ThreadExecutor(name: "waiting")
    #expect(await permits.acquire(loop: 0))
    let order = Counter()
    var waiting: [Task<Int, Never>] = []
    for _ in 0..<3 {
      waiting.append(
        Task(executorPreference: executor) {
          _ = await permits.acquire(loop: 0)
          defer { permits.release(loop: 0) }
          return order.add()
        })
      // It stands in line now.
      await Task(executorPreference: executor) {}.value
    }
    #expect(order.value == 0)
    permits.release(loop: 0)
    for (number, task) in waiting.enumerated() { #expect(await task.value == number) }
    #expect(await permits.acquire(loop: 0))
    await executor.shutDown()
  }

  @Test func who_is_cancelled_has_no_place() async {
    let permits = FairSemaphore(count: 1, loops: 1)
    #expect(await permits.acquire(loop: 0))
    let waiting = Task { await permits.acquire(loop: 0) }
    let cancelledBefore = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await permits.acquire(loop: 0)
    }
    waiting.cancel()
    #expect(await !waiting.value)
    #expect(await !cancelledBefore.value)
    permits.release(loop: 0)
    #expect(await permits.acquire(loop: 0))
  }

  @Test func each_loop_has_a_place_as_long_as_there_are_so_many() async {
    let permits = FairSemaphore(count: 64, loops: 40)
    for _ in 0..<25 { #expect(await permits.acquire(loop: 0)) }
    for loop in 1..<40 { #expect(await permits.acquire(loop: loop)) }
  }

  @Test func some_places_are_kept_for_each_loop() async throws {
    let permits = FairSemaphore(count: 16, loops: 2)
    let executor = try ThreadExecutor(name: "waiting")
    for _ in 0..<14 { #expect(await permits.acquire(loop: 0)) }
    let further = Task(executorPreference: executor) { await permits.acquire(loop: 0) }
    // It stands in line now, although there are two left.
    await Task(executorPreference: executor) {}.value
    for _ in 0..<2 { #expect(await permits.acquire(loop: 1)) }
    let other = Task(executorPreference: executor) { await permits.acquire(loop: 1) }
    await Task(executorPreference: executor) {}.value
    // What the second loop gives back is kept for it, however long the first has waited.
    permits.release(loop: 1)
    #expect(await other.value)
    permits.release(loop: 0)
    #expect(await further.value)
    await executor.shutDown()
  }
}
