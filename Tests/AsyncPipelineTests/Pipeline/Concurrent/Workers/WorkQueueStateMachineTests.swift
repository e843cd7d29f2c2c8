import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct WorkQueueStateMachineTests {
  /// Every order in which workers can be started, take, fetch, park, and fail: no element is lost, and none waits while
  /// a worker does.
  @Test(arguments: 1...4, 1...4)
  func machine_keeps_its_invariants_in_every_order(workers: Int, firstWorkers: Int) throws {
    var exploration = WorkQueueExploration(total: 5)
    let states = try exploration.run(workers: workers, firstWorkers: firstWorkers)
    #expect(states > 50 * workers)
  }

  @Test func start_multiplies_the_workers_up_to_the_limit() {
    var machine = WorkQueueStateMachine<Int, Int>(workerLimit: 100)
    var counts: [Int] = []
    for _ in 0..<5 {
      let count = machine.start()
      counts.append(count)
      for _ in 0..<count { machine.arrive() }
    }
    #expect(counts == [8, 16, 48, 28, 0])
  }

  @Test func take_when_all_started_workers_have_arrived_requests_more() {
    var machine = WorkQueueStateMachine<Int, Int>(workerLimit: 20)
    for _ in 0..<machine.start() - 1 { machine.arrive() }
    expectFetch(&machine)
    expectNoneResumed(machine.supply(Array(0..<20)))
    expectItem(0, .none, &machine)
    machine.arrive()
    expectItem(1, .start, &machine)
    expectItem(2, .none, &machine)
    let count = machine.start()
    #expect(count == 12)
    expectItem(3, .none, &machine)
    for _ in 0..<count { machine.arrive() }
    // There are no more to be started.
    expectItem(4, .none, &machine)
  }

  @Test func take_when_a_worker_is_parked_resumes_the_last_to_park() {
    var machine = WorkQueueStateMachine<Int, Int>(workerLimit: 3)
    for _ in 0..<machine.start() { machine.arrive() }
    expectFetch(&machine)
    let areParked = [machine.park(1), machine.park(2)]
    #expect(areParked == [true, true])
    expectNoneResumed(machine.supply([0, 1, 2]))
    expectItem(0, .resume(2), &machine)
    // It has not had its turn.
    expectItem(1, .none, &machine)
    expectItem(2, .resume(1), &machine, isResumed: true)
  }

  @Test func park_when_the_fetch_has_ended_does_not_park() {
    var machine = WorkQueueStateMachine<Int, Int>(workerLimit: 2)
    for _ in 0..<machine.start() { machine.arrive() }
    expectFetch(&machine)
    expectNoneResumed(machine.supply([0]))
    let isParked = machine.park(1)
    #expect(!isParked)
  }

  private enum Help: Equatable {
    case none, start
    case resume(Int)
  }

  private func expectItem(
    _ expected: Int, _ help: Help, _ machine: inout WorkQueueStateMachine<Int, Int>, isResumed: Bool = false,
    _ location: SourceLocation = #_sourceLocation
  ) {
    guard case .item(let item, let given) = machine.take(isResumed: isResumed) else {
      Issue.record("there is no element", sourceLocation: location)
      return
    }
    #expect(item == expected, sourceLocation: location)
    let actual: Help =
      switch given {
      case .none: .none;
      case .start: .start;
      case .resume(let worker): .resume(worker)
      }
    #expect(actual == help, sourceLocation: location)
  }

  private func expectNoneResumed(_ workers: [Int]) {
    #expect(workers.isEmpty)
  }

  private func expectFetch(_ machine: inout WorkQueueStateMachine<Int, Int>) {
    guard case .fetch = machine.take(isResumed: false) else {
      Issue.record("the worker does not fetch")
      return
    }
  }
}
