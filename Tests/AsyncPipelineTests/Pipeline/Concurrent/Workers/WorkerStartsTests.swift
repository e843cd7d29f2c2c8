import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct WorkerStartsTests {
  @Test func requests_arrive_whether_or_not_the_task_waits_for_them() async {
    let (starts, executor) = (WorkerStarts(queues: 4), QueueExecutor())
    let waiting = await executor.suspendedTask { await starts.next() }
    starts.request(1)
    #expect(await waiting.value == 1)
    starts.request(2)
    starts.request(3)
    starts.end()
    #expect(await starts.next() == 2)
    #expect(await starts.next() == 3)
    #expect(await starts.next() == nil)
  }

  @Test func requests_end_with_the_last_worker() async {
    let (starts, executor) = (WorkerStarts(queues: 2), QueueExecutor())
    starts.add(1)
    // All workers of the first queue may have ended before the second queue has any.
    starts.endOne()
    starts.add(2)
    starts.endOne()
    let waiting = await executor.suspendedTask { await starts.next() }
    starts.endOne()
    starts.request(1)
    #expect(await waiting.value == 1)
    let last = await executor.suspendedTask { await starts.next() }
    starts.endOne()
    #expect(await last.value == nil)
  }
}
