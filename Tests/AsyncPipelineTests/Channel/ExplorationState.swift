/// A state of an exploration: the state machine, the model, and the phase of each task.
struct ExplorationState {
  typealias Event = ChannelExploration.Event
  typealias Outcome = ChannelModel.Outcome

  private enum Phase: Int { case idle, waiting, over }

  private let roles: [ChannelModel.Role]
  private(set) var model: ChannelModel
  private var machine: WatchedMachine
  private var phases: [Phase]

  init(_ setting: ChannelExploration.Setting, continuations: Continuations) {
    roles = setting.roles
    model = ChannelModel(budget: setting.budget, roles: roles)
    machine = WatchedMachine(
      budget: setting.budget, isWeighted: setting.isWeighted, roles: roles, continuations: continuations)
    phases = Array(repeating: .idle, count: roles.count)
  }

  // MARK: Events

  var possibleEvents: [Event] {
    var events: [Event] = model.phase == .open ? [.end(failing: false), .end(failing: true)] : [.end(failing: true)]
    for (task, phase) in phases.enumerated() {
      switch phase {
      case .idle:
        // Of tasks with equal roles, those with lower numbers begin first: the other orders are symmetric.
        if task > 0, roles[task - 1] == roles[task], phases[task - 1] == .idle { continue }
        events.append(.attempt(task))
        if roles[task].mayWait { events += [.enqueue(task, isCancelled: false), .enqueue(task, isCancelled: true)] }
      case .waiting: events.append(.cancel(task))
      case .over: continue
      }
    }
    return events
  }

  // MARK: Applying an event

  /// - Returns: the first disagreement, if there is one.
  mutating func apply(_ event: Event) -> String? {
    switch event {
    case .attempt(let task): if let complaint = attempt(task) { return complaint }
    case .enqueue(let task, let isCancelled):
      if isCancelled {
        machine.cancel(task)
        if !machine.resumed.isEmpty { return "the cancellation of a task that does not wait yet resumes a task" }
      }
      model.begin(task, isCancelled: isCancelled)
      machine.enqueue(task, model.elements(of: task), isCancelled: isCancelled)
      phases[task] = .waiting
    case .cancel(let task):
      model.cancel(task)
      machine.cancel(task)
    case .end(let failing):
      model.end(failing: failing)
      machine.end(failing: failing)
    }
    return checkResumptions() ?? machine.complaint(model)
  }

  /// The first step. Either it completes, or it changes nothing, and the task may continue at any time.
  private mutating func attempt(_ task: Int) -> String? {
    var later = model
    later.begin(task)
    if let answer = machine.attempt(task, model.elements(of: task)) {
      model = later
      phases[task] = .over
      return answer == model.decisions[task] ? nil : "\(task) completes with \(answer)"
    }
    // A batch takes both steps if there are waiters, even if it need not wait.
    if case .sends(let weights) = roles[task], weights.count > 1 { return nil }
    return later.decisions[task] == nil ? nil : "\(task) must wait"
  }

  /// Exactly the waiting tasks with a decision must have been resumed.
  private mutating func checkResumptions() -> String? {
    for (task, outcome) in machine.resumed {
      guard let task, phases[task] == .waiting else { return "\(task as Any) is resumed, but does not wait" }
      if model.decisions[task] != outcome { return "\(task) is resumed with \(outcome)" }
      phases[task] = .over
    }
    for task in model.decisions.keys where phases[task] != .over { return "\(task) is not resumed" }
    return nil
  }

  // MARK: Identity

  /// All that the future depends on, encoded in one number, which is faster to look up than the arrays.
  var key: Int {
    var key = model.phase.rawValue
    func append(_ digit: Int, base: Int) { key = key * base + digit }
    append(model.queue.count, base: 8)
    for element in model.queue { append(element, base: 64) }
    append(model.waitingConsumers.count, base: 4)
    for consumer in model.waitingConsumers { append(consumer.task, base: 8) }
    for phase in phases { append(phase.rawValue, base: 3) }
    return key
  }
}
