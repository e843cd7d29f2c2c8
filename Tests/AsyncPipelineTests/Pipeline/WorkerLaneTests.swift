import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct WorkerLaneTests {
  typealias Lane = WorkerLane<Int, Int>

  @Test(arguments: [1, 2, 16], [0, 1, 16])
  func elements_come_and_leave_exactly_once(batchSize: Int, capacity: Int) async {
    for seed in 0..<4 {
      let inlet = Inlet<Int>(capacity: capacity)
      let lanes = (0..<3).map { _ in Lane(inlet: inlet, batchSize: batchSize, parts: 3) }
      let (taken, left) = (Log<Int>(), Log<Int>())
      await withTaskGroup(of: Void.self) { group in
        for worker in 0..<12 { group.addTask { await work(on: lanes[worker % 3], seed, taken, left) } }
        var first = 0
        while first < 600 {
          let batch = Array(first..<min(600, first + 1 + (first &* 31 &+ seed) % 40))
          await inlet.channel.send(contentsOf: batch)
          first += batch.count
        }
        inlet.finish()
      }
      #expect(taken.entries.sorted() == Array(0..<600), "seed \(seed)")
      #expect(left.entries.sorted() == Array(0..<600), "seed \(seed)")
    }
  }

  /// As a worker of a stage does.
  private func work(on lane: Lane, _ seed: Int, _ taken: Log<Int>, _ left: Log<Int>) async {
    while true {
      var item = lane.tryNext()
      if item == nil {
        left.append(contentsOf: lane.takeFinished().map(\.number))
        item = await lane.next()
      }
      guard let item else { return }
      taken.append(item)
      await yieldAtRandom(seed, item)
      left.append(contentsOf: lane.leave((item, item)).map(\.number))
    }
  }

  @Test func elements_of_one_lane_start_in_their_order() async {
    let inlet = Inlet<Int>(capacity: 100)
    let lane = Lane(inlet: inlet, batchSize: 16, parts: 1)
    await inlet.channel.send(contentsOf: Array(0..<100))
    inlet.finish()
    var taken: [Int] = []
    while let item = await lane.next() { taken.append(item) }
    #expect(taken == Array(0..<100))
  }

  @Test func finished_elements_leave_by_the_batch_or_when_asked_for() {
    let lane = Lane(inlet: Inlet(capacity: 1), batchSize: 3, parts: 1)
    #expect(lane.leave((0, 0)).isEmpty)
    #expect(lane.leave((1, nil)).isEmpty)
    #expect(lane.leave((2, 2)).map(\.output) == [0, nil, 2])
    #expect(lane.leave((3, 3)).isEmpty)
    #expect(lane.takeFinished().map(\.number) == [3])
    #expect(lane.takeFinished().isEmpty)
  }

  @Test func end_of_the_channel_releases_all_that_wait() async {
    let inlet = Inlet<Int>(capacity: 1)
    let lane = Lane(inlet: inlet, batchSize: 16, parts: 1)
    let workers = await waitingWorkers(on: lane)
    inlet.finish()
    for worker in workers { #expect(await worker.value == nil) }
  }

  @Test func cancelling_the_one_that_fetches_releases_all_that_wait() async {
    let lane = Lane(inlet: Inlet(capacity: 1), batchSize: 16, parts: 1)
    let workers = await waitingWorkers(on: lane)
    workers[0].cancel()
    for worker in workers { #expect(await worker.value == nil) }
  }

  @Test func abandoned_lane_releases_all_but_the_one_that_fetches() async {
    let inlet = Inlet<Int>(capacity: 1)
    let lane = Lane(inlet: inlet, batchSize: 16, parts: 1)
    let workers = await waitingWorkers(on: lane)
    lane.abandon()
    for worker in workers.dropFirst() { #expect(await worker.value == nil) }
    inlet.finish()
    #expect(await workers[0].value == nil)
  }

  /// The first waits at the channel, the others for the first.
  private func waitingWorkers(on lane: Lane) async -> [Task<Int?, Never>] {
    let executor = QueueExecutor()
    var workers: [Task<Int?, Never>] = []
    for _ in 0..<4 { workers.append(await executor.suspendedTask { await lane.next() }) }
    return workers
  }

  @Test func lane_asks_for_workers_when_all_that_it_has_are_there() async {
    let (inlet, demand) = (Inlet<Int>(capacity: 20), WorkerDemand(lanes: 8))
    let lane = Lane(
      inlet: inlet, batchSize: 20, parts: 1, workers: 20, demand: demand, place: 7,
      lastDeparture: LastDeparture())
    await inlet.channel.send(contentsOf: Array(0..<20))
    #expect(lane.start() == 8)
    for element in 0..<8 {
      // Some are on their way still.
      #expect(lane.tryNext() == element)
      lane.arrive()
    }
    #expect(lane.tryNext() == 8)
    #expect(lane.tryNext() == 9)
    #expect(await demand.next() == [7])
    #expect(lane.start() == 12)
    for _ in 0..<12 { lane.arrive() }
    // There are no more to be asked for.
    #expect(lane.tryNext() == 10)
    demand.end()
    #expect(await demand.next() == [])
  }

  @Test func lanes_grow_each_for_itself() {
    let demand = WorkerDemand(lanes: 2)
    let lanes = (0..<2).map {
      Lane(
        inlet: Inlet(capacity: 1), batchSize: 1, parts: 2, workers: 100, demand: demand, place: $0,
        lastDeparture: LastDeparture())
    }
    #expect([8, 16, 48, 28, 0] == (0..<5).map { _ in lanes[0].start() })
    #expect(lanes[1].start() == 8)
  }

  @Test func demand_is_heard_whoever_comes_first() async {
    let (demand, executor) = (WorkerDemand(lanes: 4), QueueExecutor())
    let listener = await executor.suspendedTask { await demand.next() }
    demand.ask(lane: 1)
    #expect(await listener.value == [1])
    demand.ask(lane: 2)
    demand.ask(lane: 3)
    demand.end()
    #expect(await demand.next() == [2, 3])
    #expect(await demand.next() == [])
  }

  @Test func demand_ends_with_the_last_lane() async {
    let (demand, executor) = (WorkerDemand(lanes: 2), QueueExecutor())
    let listener = await executor.suspendedTask { await demand.next() }
    demand.end(lane: 0)
    demand.end(lane: 0)
    demand.ask(lane: 1)
    #expect(await listener.value == [1])
    let last = await executor.suspendedTask { await demand.next() }
    demand.end(lane: 1)
    #expect(await last.value == [])
  }
}

extension WorkerLane {
  /// A lane that starts no workers.
  convenience init(inlet: Inlet<Item>, batchSize: Int, parts: Int) {
    self.init(
      inlet: inlet, batchSize: batchSize, parts: parts, workers: 0, demand: WorkerDemand(lanes: 1), place: 0,
      lastDeparture: LastDeparture())
  }
}
