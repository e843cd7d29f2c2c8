/// Where an exploration stands: the state machine, the model, and how far each task is.
struct ExplorationState {
  typealias Event = ChannelExploration.Event
  typealias Outcome = ChannelModel.Outcome

  private enum Phase: Int { case idle, parked, late, over }

  private let roles: [ChannelModel.Role]
  private(set) var model: ChannelModel
  private var machine: WatchedMachine
  private var phases: [Phase]

  init(capacity: Int, roles: [ChannelModel.Role], continuations: Continuations) {
    self.roles = roles
    model = ChannelModel(capacity: capacity)
    machine = WatchedMachine(capacity: capacity, continuations: continuations)
    phases = Array(repeating: .idle, count: roles.count)
  }

  // MARK: What may happen

  var possibleEvents: [Event] {
    var events: [Event] = model.isFinished ? [] : [.finish]
    for (task, phase) in phases.enumerated() {
      switch phase {
      case .idle:
        // Of tasks that do the same those of a lower number begin earlier: the other orders bring nothing new.
        if task > 0, roles[task - 1] == roles[task], phases[task - 1] == .idle { continue }
        events += [.begin(task, isLate: false), .begin(task, isLate: true)]
      case .parked, .late: events.append(.cancel(task))
      case .over: continue
      }
    }
    return events
  }

  // MARK: What happens

  /// - Returns: what is wrong, if anything is.
  mutating func apply(_ event: Event) -> String? {
    switch event {
    case .begin(let task, let isLate):
      model.begin(task, roles[task])
      let answer = machine.begin(task, roles[task])
      if answer != model.decisions[task] { return "\(task) is answered \(answer as Any)" }
      phases[task] = answer != nil ? .over : isLate ? .late : .parked
      if let complaint = checkResumptions() { return complaint }
      return phases[task] == .parked ? park(task, nil) : nil
    case .cancel(let task):
      model.cancel(task)
      machine.cancel(task)
    case .finish:
      model.finish()
      machine.finish()
    }
    return checkResumptions()
  }

  /// Those about whom something was decided, and whose continuation is there, must have been resumed, and nobody else. Those who
  /// are late come now.
  private mutating func checkResumptions() -> String? {
    let decisions = model.decisions
    for (task, outcome) in machine.resumed {
      guard let task, phases[task] == .parked else { return "\(task as Any) is resumed, but does not wait" }
      if decisions[task] != outcome { return "\(task) is resumed with \(outcome)" }
      phases[task] = .over
    }
    for (task, outcome) in decisions where phases[task] != .over {
      if phases[task] == .parked { return "\(task) is not resumed" }
      if let complaint = park(task, outcome) { return complaint }
    }
    return machine.keepsDecisions ? "a decision is kept that everybody has heard of" : nil
  }

  /// A task brings its continuation; `decided` is what was decided about it before.
  private mutating func park(_ task: Int, _ decided: Outcome?) -> String? {
    if decided != nil {
      // A cancellation that comes so late has nothing to say.
      machine.cancel(task)
      if !machine.resumed.isEmpty { return "somebody is resumed by a late cancellation" }
      phases[task] = .over
    }
    machine.park(task)
    let resumed = machine.resumed
    if resumed.count != (decided == nil ? 0 : 1) { return "\(resumed.count) are resumed by \(task), who comes late" }
    if let (who, outcome) = resumed.first, who != task || outcome != decided {
      return "\(who as Any) is resumed with \(outcome) by \(task), who comes late"
    }
    return nil
  }

  // MARK: Recognition

  /// All that what is still to come depends on, in one number, digit by digit: quicker to look up than the arrays.
  var key: Int {
    var key = 0
    func append(_ digit: Int, base: Int) { key = key * base + digit }
    append(model.isFinished ? 1 : 0, base: 2)
    append(model.queue.count, base: 8)
    for element in model.queue { append(element, base: 64) }
    append(model.waitingConsumers.count, base: 4)
    for consumer in model.waitingConsumers { append(consumer.task, base: 8) }
    for phase in phases { append(phase.rawValue, base: 4) }
    return key
  }
}
