@testable import AsyncPipeline

/// Goes through every order of events of the workers of one queue. Orders that lead to the same state are followed once
/// from there; workers that are in the same phase are interchangeable.
struct WorkQueueExploration {
  enum Phase: Int {
    case unstarted, arriving
    /// About to take, for the first time, after an element, or after it was resumed.
    case running, resumed
    /// Fetches a batch; or found none and passes on what it has finished.
    case fetching, flushing
    case busy
    /// Told to park, and parked.
    case parking, parked
    case done
  }

  enum Event {
    case start
    case arrive(Int), take(Int), park(Int)
    /// A fetch ends with so many elements, or with the end of the input.
    case supply(Int, count: Int), endOfInput(Int)
    case flushed(Int), finish(Int), fail(Int)
  }

  struct Disagreement: Error {
    let events: [Event]
    let description: String
  }

  struct State {
    var machine: WorkQueueStateMachine<Int, Int>
    var phases: [Phase]
    /// The beginning counts as a request.
    var isRequested = true
    /// How many elements have come, and how many of them were taken.
    var supplied = 0
    var taken = 0
    /// No further batch comes: the input has ended, or a worker has failed.
    var isEnded = false
    var hasFailed = false
  }

  /// How many elements come at most.
  let total: Int
  private var seen: Set<[Int]> = []
  private var path: [Event] = []

  init(total: Int) {
    self.total = total
  }

  /// - Returns: how many states there are.
  mutating func run(workers: Int, firstWorkers: Int) throws -> Int {
    let machine = WorkQueueStateMachine<Int, Int>(workerLimit: workers, firstWorkers: firstWorkers)
    try explore(State(machine: machine, phases: Array(repeating: .unstarted, count: workers)))
    return seen.count
  }

  private mutating func explore(_ state: State) throws {
    if !seen.insert(state.key).inserted { return }
    let events = state.possibleEvents(total: total)
    try check(state.complaint(isOver: events.isEmpty))
    for event in events {
      path.append(event)
      var next = state
      try check(next.apply(event))
      try explore(next)
      path.removeLast()
    }
  }

  private func check(_ complaint: String?) throws {
    if let complaint { throw Disagreement(events: path, description: complaint) }
  }
}

extension WorkQueueExploration.State {
  typealias Event = WorkQueueExploration.Event
  typealias Phase = WorkQueueExploration.Phase

  // MARK: What may happen

  func possibleEvents(total: Int) -> [Event] {
    var events: [Event] = isRequested ? [.start] : []
    var phasesSeen: Set<Phase> = []
    for (worker, phase) in phases.enumerated() where phasesSeen.insert(phase).inserted {
      switch phase {
      case .unstarted, .parked, .done: continue
      case .arriving: events.append(.arrive(worker))
      case .running, .resumed: events.append(.take(worker))
      case .fetching:
        for count in 0...2 where supplied + count <= total { events.append(.supply(worker, count: count)) }
        events.append(.endOfInput(worker))
      case .flushing: events += [.flushed(worker), .fail(worker)]
      case .busy: events += [.finish(worker), .fail(worker)]
      case .parking: events.append(.park(worker))
      }
    }
    return events
  }

  // MARK: What happens

  /// - Returns: what is wrong, if anything is.
  mutating func apply(_ event: Event) -> String? {
    switch event {
    case .start:
      isRequested = false
      for _ in 0..<machine.start() {
        guard let worker = phases.firstIndex(of: .unstarted) else { return "too many workers are started" }
        phases[worker] = .arriving
      }
    case .arrive(let worker):
      machine.arrive()
      phases[worker] = .running
    case .take(let worker): return take(worker)
    case .park(let worker): phases[worker] = machine.park(worker) ? .parked : .running
    case .supply(let worker, let count):
      let batch = Array(supplied..<supplied + count)
      supplied += count
      phases[worker] = batch.isEmpty ? .flushing : .running
      return resume(machine.supply(batch))
    case .endOfInput(let worker):
      isEnded = true
      phases[worker] = .running
      return resume(machine.end())
    case .flushed(let worker), .finish(let worker): phases[worker] = .running
    case .fail(let worker):
      (isEnded, hasFailed) = (true, true)
      phases[worker] = .done
      return resume(machine.end())
    }
    return nil
  }

  private mutating func take(_ worker: Int) -> String? {
    switch machine.take(isResumed: phases[worker] == .resumed) {
    case .item(let item, let help):
      phases[worker] = .busy
      defer { taken += 1 }
      if item != taken { return "element \(item) is taken instead of \(taken)" }
      switch help {
      case .none: return nil
      case .resume(let other): return resume([other])
      case .start:
        defer { isRequested = true }
        return isRequested ? "workers are requested twice" : nil
      }
    case .fetch:
      defer { phases[worker] = .fetching }
      return phases.contains(.fetching) ? "two workers fetch" : nil
    case .park: phases[worker] = .parking
    case .end:
      phases[worker] = .done
      return isEnded ? nil : "a worker ends before the input"
    }
    return nil
  }

  private mutating func resume(_ workers: [Int]) -> String? {
    for worker in workers {
      if phases[worker] != .parked { return "\(worker) is resumed and is not parked" }
      phases[worker] = .resumed
    }
    return nil
  }

  // MARK: What always holds

  func complaint(isOver: Bool) -> String? {
    if Set(machine.parked) != Set(phases.indices.filter { phases[$0] == .parked }) { return "parked workers" }
    if machine.items.count != supplied - taken { return "the elements" }
    if !isEnded, count(.resumed) != (machine.isWaking ? 1 : 0) { return "resumed workers" }
    if case .arriving(let count) = machine.startup, count != self.count(.arriving) { return "arriving workers" }
    if isOver { return complaintAtTheEnd }
    return complaintAboutHelp
  }

  /// While all workers that do not wait are busy, for however long, no others may wait beside work.
  private var complaintAboutHelp: String? {
    let isComing = phases.contains { [.arriving, .running, .resumed, .fetching, .parking].contains($0) }
    if isComing || isRequested { return nil }
    if machine.items.isEmpty && isEnded { return nil }
    if phases.contains(.parked) { return "a worker is parked beside work" }
    // A worker that found nothing comes back when it has passed on its outputs: no others are started for that.
    let isCovered = phases.contains(.flushing) && machine.items.isEmpty
    return phases.contains(.unstarted) && !isCovered ? "a worker is not started beside work" : nil
  }

  private var complaintAtTheEnd: String? {
    if phases.contains(where: { $0 != .done && $0 != .unstarted }) { return "a worker never ends" }
    return hasFailed || taken == supplied ? nil : "an element is not taken"
  }

  private func count(_ phase: Phase) -> Int { phases.count { $0 == phase } }

  /// All that what is still to come depends on.
  var key: [Int] {
    let flags = [isRequested, isEnded, hasFailed, machine.isWaking].map { $0 ? 1 : 0 }
    let startup = if case .arriving(let count) = machine.startup { count } else { machine.startup == .idle ? -1 : -2 }
    let supply =
      switch machine.supply {
      case .open: 0;
      case .fetching: 1;
      case .ended: 2
      }
    return [supplied, taken, startup, supply] + flags + phases.map(\.rawValue).sorted()
  }
}
