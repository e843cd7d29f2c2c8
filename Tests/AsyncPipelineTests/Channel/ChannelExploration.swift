/// Goes through every order of events of a few tasks, with the state machine and the model side by side. Orders that lead to the
/// same state are followed once from there.
struct ChannelExploration {
  enum Event: Hashable {
    /// A task begins to do what its role is. If it must wait it brings its continuation at once or, if it is late, when
    /// something has been decided: what happens in between does not depend on when it came.
    case begin(Int, isLate: Bool)
    case cancel(Int)
    case finish
  }

  struct Disagreement: Error {
    let roles: [ChannelModel.Role]
    let events: [Event]
    let description: String
  }

  let capacity: Int
  /// What the tasks do. Equal ones are neighbours.
  let roles: [ChannelModel.Role]
  let continuations: Continuations
  private var seen: Set<Int> = []
  /// What led to the state at hand.
  private var path: [Event] = []

  init(capacity: Int, roles: [ChannelModel.Role], continuations: Continuations) {
    (self.capacity, self.roles, self.continuations) = (capacity, roles, continuations)
  }

  /// - Returns: how many states there are.
  mutating func run() throws -> Int {
    try explore(ExplorationState(capacity: capacity, roles: roles, continuations: continuations))
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
    if let complaint { throw Disagreement(roles: roles, events: path, description: complaint) }
  }
}
