/// Goes through every order of events of a few tasks, with the state machine and the model side by side. Orders that
/// lead to the same state are followed once from there.
struct ChannelExploration {
  struct Setting {
    let budget: Int
    var isWeighted = false
    /// What the tasks do. Equal ones are neighbours.
    let roles: [ChannelModel.Role]
  }

  enum Event: Hashable {
    /// A task tries to do what its role is.
    case attempt(Int)
    /// It was told to wait, just now or a while ago, and comes with its continuation; or it was cancelled meanwhile.
    case park(Int, isCancelled: Bool)
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
  /// What led to the state at hand.
  private var path: [Event] = []

  init(_ setting: Setting, continuations: Continuations) {
    (self.setting, self.continuations) = (setting, continuations)
  }

  /// - Returns: how many states there are.
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
