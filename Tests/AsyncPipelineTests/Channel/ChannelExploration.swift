/// Explores all orders of the events of a few tasks, with the state machine and the model side by side. A state that
/// several orders lead to is explored once.
struct ChannelExploration {
  struct Setting {
    let budget: Int
    var isWeighted = false
    /// One per task. Equal roles are neighbours.
    let roles: [ChannelModel.Role]
  }

  enum Event: Hashable {
    /// A task takes the first step of its role.
    case attempt(Int)
    /// A task that must wait takes the second step; it may have been cancelled in between.
    case enqueue(Int, isCancelled: Bool)
    case cancel(Int)
    case end(failing: Bool)
  }

  struct Disagreement: Error {
    let setting: Setting
    let events: [Event]
    let description: String
  }

  let setting: Setting
  let continuations: Continuations
  private var seen: Set<Int> = []
  /// The events that led to the current state.
  private var path: [Event] = []

  init(_ setting: Setting, continuations: Continuations) {
    (self.setting, self.continuations) = (setting, continuations)
  }

  /// - Returns: the number of states.
  mutating func run() throws -> Int {
    try explore(ExplorationState(setting, continuations: continuations))
    return seen.count
  }

  private mutating func explore(_ state: ExplorationState) throws {
    if !seen.insert(state.key).inserted { return }
    try check(state.model.complaint)
    for event in state.possibleEvents {
      path.append(event)
      var next = state
      try check(next.apply(event))
      try explore(next)
      path.removeLast()
    }
  }

  private func check(_ complaint: String?) throws {
    if let complaint { throw Disagreement(setting: setting, events: path, description: complaint) }
  }
}
