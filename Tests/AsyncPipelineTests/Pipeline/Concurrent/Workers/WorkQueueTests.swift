import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct WorkQueueTests {
  typealias Queue = WorkQueue<Int, Int>

  @Test(arguments: [1, 2, 16], [0, 1, 16])
  func elements_come_and_leave_exactly_once(batchSize: Int, capacity: Int) async {
    for seed in 0..<4 {
      let input = StageInputQueue<Int>(capacity: capacity)
      let queues = (0..<3).map { _ in Queue(input: input, batchSize: batchSize, shares: 3) }
      let (taken, left) = (Log<Int>(), Log<Int>())
      await withTaskGroup(of: Void.self) { group in
        for worker in 0..<12 { group.addTask { await work(on: queues[worker % 3], seed, taken, left) } }
        var first = 0
        while first < 600 {
          let batch = Array(first..<min(600, first + 1 + (first &* 31 &+ seed) % 40))
          await input.channel.send(contentsOf: batch)
          first += batch.count
        }
        input.finish()
      }
      #expect(taken.entries.sorted() == Array(0..<600), "seed \(seed)")
      #expect(left.entries.sorted() == Array(0..<600), "seed \(seed)")
    }
  }

  /// As a worker of a stage does.
  private func work(on queue: Queue, _ seed: Int, _ taken: Log<Int>, _ left: Log<Int>) async {
    while true {
      var item = queue.tryNext()
      if item == nil {
        left.append(contentsOf: queue.takeFinished().map(\.number))
        item = await queue.next()
      }
      guard let item else { return }
      taken.append(item)
      await yieldAtRandom(seed, item)
      left.append(contentsOf: queue.finish((item, item)).map(\.number))
    }
  }

  @Test func elements_of_one_queue_start_in_their_order() async {
    let input = StageInputQueue<Int>(capacity: 100)
    let queue = Queue(input: input, batchSize: 16, shares: 1)
    await input.channel.send(contentsOf: Array(0..<100))
    input.finish()
    var taken: [Int] = []
    while let item = await queue.next() { taken.append(item) }
    #expect(taken == Array(0..<100))
  }

  @Test func finished_elements_leave_by_the_batch_or_when_asked_for() {
    let queue = Queue(input: StageInputQueue(capacity: 1), batchSize: 3, shares: 1)
    #expect(queue.finish((0, 0)).isEmpty)
    #expect(queue.finish((1, nil)).isEmpty)
    #expect(queue.finish((2, 2)).map(\.output) == [0, nil, 2])
    #expect(queue.finish((3, 3)).isEmpty)
    #expect(queue.takeFinished().map(\.number) == [3])
    #expect(queue.takeFinished().isEmpty)
  }

  @Test func end_of_the_input_releases_all_workers() async {
    let input = StageInputQueue<Int>(capacity: 1)
    let queue = Queue(input: input, batchSize: 16, shares: 1)
    let workers = await waitingWorkers(on: queue)
    input.finish()
    for worker in workers { #expect(await worker.value == nil) }
  }

  @Test func cancelling_the_worker_that_fetches_releases_all_workers() async {
    let queue = Queue(input: StageInputQueue(capacity: 1), batchSize: 16, shares: 1)
    let workers = await waitingWorkers(on: queue)
    workers[0].cancel()
    for worker in workers { #expect(await worker.value == nil) }
  }

  @Test func ended_queue_releases_all_workers_but_the_one_that_fetches() async {
    let input = StageInputQueue<Int>(capacity: 1)
    let queue = Queue(input: input, batchSize: 16, shares: 1)
    let workers = await waitingWorkers(on: queue)
    queue.end()
    for worker in workers.dropFirst() { #expect(await worker.value == nil) }
    input.finish()
    #expect(await workers[0].value == nil)
  }

  /// The first waits at the input queue, the others are parked.
  private func waitingWorkers(on queue: Queue) async -> [Task<Int?, Never>] {
    let executor = QueueExecutor()
    var workers: [Task<Int?, Never>] = []
    for _ in 0..<4 { workers.append(await executor.suspendedTask { await queue.next() }) }
    return workers
  }
}

extension WorkQueue {
  /// A queue with as many workers as come.
  convenience init(input: StageInputQueue<Item>, batchSize: Int, shares: Int) {
    self.init(
      input: input, batchSize: batchSize, shares: shares, workerLimit: 0, lastFlush: LastFlush(), requestWorkers: {})
  }
}
