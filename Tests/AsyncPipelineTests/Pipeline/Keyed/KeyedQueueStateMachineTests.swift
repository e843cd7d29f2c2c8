import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct KeyedQueueStateMachineTests {
  /// Every order in which workers can take, fetch, park, finish and fail, with elements of two keys.
  @Test(arguments: 1...3, 0...2)
  func machine_keeps_its_invariants_in_every_order(workers: Int, extra: Int) throws {
    var exploration = KeyedQueueExploration(total: 4)
    #expect(try exploration.run(workers: workers, limit: workers + extra) > 25 * workers)
  }
}

/// Goes through every order of events of the workers of a keyed queue. Orders that lead to the same state are followed
/// once from there.
private struct KeyedQueueExploration {
  enum Phase: Hashable {
    case running, fetching(Int), parking, parked, done
    /// At work on an element of a key.
    case busy(Int)
  }

  struct Disagreement: Error {
    let events: [String]
    let description: String
  }

  struct State {
    var machine: KeyedQueueStateMachine<Int, Int, Int>
    var phases: [Phase]
    /// The keys of the elements that came, and whether they were taken.
    var keys: [Int] = []
    var taken: Set<Int> = []
    var hasFailed = false

    /// The elements that wait here, in their order.
    var waiting: [Int] { keys.indices.filter { !taken.contains($0) } }
    var isEnded: Bool { if case .ended = machine.supply { true } else { false } }

    /// All that what is still to come depends on. Workers in the same phase are interchangeable.
    var key: [String] {
      phases.map { "\($0)" }.sorted() + ["\(waiting.map { keys[$0] }) \(keys.count) \(machine.supply) \(hasFailed)"]
    }
  }

  /// How many elements come at most.
  let total: Int
  private var seen: Set<[String]> = []
  private var path: [String] = []

  init(total: Int) {
    self.total = total
  }

  /// - Returns: how many states there are.
  mutating func run(workers: Int, limit: Int) throws -> Int {
    try explore(
      State(machine: KeyedQueueStateMachine(limit: limit), phases: Array(repeating: .running, count: workers)))
    return seen.count
  }

  private mutating func explore(_ state: State) throws {
    if !seen.insert(state.key).inserted { return }
    var isOver = true
    var phasesSeen: Set<Phase> = []
    for (worker, phase) in state.phases.enumerated() where phasesSeen.insert(phase).inserted {
      for (name, event) in events(of: worker, in: phase, state) {
        isOver = false
        path.append("\(worker) \(name)")
        var next = state
        if let complaint = event(&next) { throw Disagreement(events: path, description: complaint) }
        try explore(next)
        path.removeLast()
      }
    }
    if let complaint = complaint(state, isOver: isOver) { throw Disagreement(events: path, description: complaint) }
  }

  // MARK: Events

  typealias Event = (name: String, apply: (inout State) -> String?)

  private func events(of worker: Int, in phase: Phase, _ state: State) -> [Event] {
    switch phase {
    case .done, .parked: return []
    case .running: return [("takes", { take(worker, &$0) })]
    case .parking:
      return [
        (
          "parks",
          { state in
            state.phases[worker] = state.machine.park(worker) ? .parked : .running
            return nil
          }
        )
      ]
    case .busy(let key):
      return [
        (
          "finishes",
          { state in
            state.machine.finish(key)
            state.phases[worker] = .running
            return nil
          }
        ), ("fails", { end(worker, .done, hasFailed: true, &$0) }),
      ]
    case .fetching(let room):
      let batches = [[0], [1], [0, 0], [0, 1]].filter { $0.count <= min(room, total - state.keys.count) }
      return batches.map { batch in ("gets \(batch)", { supply(worker, batch, &$0) }) }
        + [("gets the end", { end(worker, .running, hasFailed: false, &$0) })]
    }
  }

  private func take(_ worker: Int, _ state: inout State) -> String? {
    switch state.machine.take() {
    case .entry(let entry, let resumed):
      let first = state.waiting.first { state.keys[$0] == entry.key }
      if entry.element != first { return "\(entry) is taken before \(first as Any)" }
      if state.phases.contains(.busy(entry.key)) { return "two workers have key \(entry.key)" }
      state.taken.insert(entry.element)
      state.phases[worker] = .busy(entry.key)
      if let resumed {
        if state.phases[resumed] != .parked { return "\(resumed) is resumed and is not parked" }
        state.phases[resumed] = .running
      }
    case .fetch(let room):
      if room < 1 { return "there is no room" }
      let isFetching = state.phases.contains { if case .fetching = $0 { true } else { false } }
      if isFetching { return "two workers fetch" }
      state.phases[worker] = .fetching(room)
    case .park: state.phases[worker] = .parking
    case .end:
      state.phases[worker] = .done
      return state.isEnded ? nil : "a worker ends before the input"
    }
    return nil
  }

  private func supply(_ worker: Int, _ batch: [Int], _ state: inout State) -> String? {
    state.machine.supply(batch.enumerated().map { (key: $0.element, element: state.keys.count + $0.offset) })
    state.keys += batch
    state.phases[worker] = .running
    return nil
  }

  private func end(_ worker: Int, _ phase: Phase, hasFailed: Bool, _ state: inout State) -> String? {
    state.phases[worker] = phase
    if hasFailed { state.hasFailed = true }
    for resumed in state.machine.end() {
      if state.phases[resumed] != .parked { return "\(resumed) is resumed and is not parked" }
      state.phases[resumed] = .running
    }
    return nil
  }

  // MARK: What always holds

  private func complaint(_ state: State, isOver: Bool) -> String? {
    let parked = Set(state.phases.indices.filter { state.phases[$0] == .parked })
    if Set(state.machine.parked) != parked { return "parked workers" }
    if state.machine.waitingCount != state.waiting.count { return "the elements that wait" }
    if isOver {
      if !parked.isEmpty { return "a worker never ends" }
      return state.hasFailed || state.waiting.isEmpty ? nil : "an element is not taken"
    }
    // While all workers that do not wait are busy, for however long, no others may wait beside work.
    let areBusy = state.phases.allSatisfy { phase in
      if case .busy = phase { true } else { phase == .parked || phase == .done }
    }
    return areBusy && !parked.isEmpty && state.machine.hasWork ? "a worker is parked beside work" : nil
  }
}
