/// Which directories are listed ahead of the walk, in the order in which the walk will come to them.
///
/// It is the state machine of ``ListingAhead``: it neither locks nor blocks nor lists. Each directory that was listed
/// is a parent, and its subdirectories are known by their positions. A position is requested by a thread that lists,
/// finished with what the thread has found, and taken by the walk.
///
/// The number of subdirectories that are requested and not taken is limited for each parent, so that those far away do
/// not use up the limit that holds for all of them. A parent at its limit is asked again when the walk has taken half
/// of those, so that a thread that is woken for it finds more than one.
struct ListingQueue<Parent: Hashable, Listing> {
  struct Limits {
    /// Of the directories that are ahead of the walk.
    let directories: Int
    /// Of one parent's subdirectories among them.
    let perParent: Int
    /// Of their entries. Each thread may exceed it by one directory.
    let entries: Int
  }

  /// What a thread that lists is to do.
  enum Order {
    case list(Int, Parent)
    /// Sleep until it is woken.
    case sleep
    case end
  }

  /// What becomes of a subdirectory that the walk has come to.
  enum Taken {
    /// No thread lists it, nor will one.
    case notRequested
    /// A thread lists it. ``finish(_:of:_:entries:)`` says when the walk can take it.
    case pending
    case listed(Listing)
  }

  private struct Ahead {
    /// Nil while a thread lists it.
    var listing: Listing?
    var entries = 0
  }

  private struct State {
    let orderKey: WalkOrderKey
    /// Subdirectories that were not requested, and that the walk has not come to.
    var remaining: ArraySlice<Int>
    /// Subdirectories that are ahead of the walk: requested, and not taken.
    var ahead: [Int: Ahead] = [:]
    /// Whether it is in the order.
    var isQueued = false

    func mayRequest(_ limit: Int) -> Bool { !remaining.isEmpty && ahead.count < limit }
  }

  private let limits: Limits
  private var states: [Parent: State] = [:]
  /// Parents that may be asked for another subdirectory. The walk comes to those of the last parent first.
  private var order: [Parent] = []
  /// The number of subdirectories ahead of the walk, and the number of their entries, as far as they are listed.
  private(set) var (directories, entries) = (0, 0)
  private var sleepers = 0
  private var isClosed = false
  /// What the walk waits for.
  private var awaited: (position: Int, parent: Parent)?

  init(_ limits: Limits) {
    self.limits = limits
  }

  // MARK: Events of the walk

  /// Has subdirectories listed ahead. Ignored if the parent was added before.
  ///
  /// - Parameter subdirectories: positions in ascending order.
  mutating func add(_ parent: Parent, at orderKey: WalkOrderKey, _ subdirectories: [Int]) {
    if isClosed || subdirectories.isEmpty || states[parent] != nil { return }
    states[parent] = State(orderKey: orderKey, remaining: subdirectories[...])
    enqueue(parent)
  }

  /// Whether a subdirectory can be taken; nil if it was not requested.
  func isListed(_ position: Int, of parent: Parent) -> Bool? {
    states[parent]?.ahead[position].map { $0.listing != nil }
  }

  /// The walk has come to a subdirectory.
  mutating func take(_ position: Int, of parent: Parent) -> Taken {
    guard var state = states[parent] else { return .notRequested }
    guard let ahead = state.ahead[position] else {
      state.remaining = state.remaining.drop { $0 <= position }
      update(parent, state)
      return .notRequested
    }
    guard let listing = ahead.listing else {
      awaited = (position, parent)
      return .pending
    }
    state.ahead[position] = nil
    directories -= 1
    entries -= ahead.entries
    update(parent, state)
    return .listed(listing)
  }

  /// There will be nothing more.
  ///
  /// - Returns: how many threads to wake.
  mutating func close() -> Int {
    (isClosed, states, order) = (true, [:], [])
    defer { sleepers = 0 }
    return sleepers
  }

  // MARK: Events of threads that list

  /// - Parameter isWanted: whether listing has had to wait recently; if not, nothing is listed ahead.
  mutating func next(_ isWanted: Bool) -> Order {
    if isClosed { return .end }
    guard mayRequest(isWanted), let parent = order.last, var state = states[parent],
      let position = state.remaining.popFirst()
    else {
      sleepers += 1
      return .sleep
    }
    state.ahead[position] = Ahead()
    directories += 1
    update(parent, state)
    return .list(position, parent)
  }

  /// Whether to wake a thread that sleeps, which is counted as woken then. It wakes the next in its turn.
  mutating func wakesThread(_ isWanted: Bool) -> Bool {
    guard sleepers > 0, !order.isEmpty, mayRequest(isWanted) else { return false }
    sleepers -= 1
    return true
  }

  /// A thread has listed a subdirectory.
  ///
  /// - Parameter entries: how many it has.
  /// - Returns: whether the walk waits for it.
  mutating func finish(_ position: Int, of parent: Parent, _ listing: Listing, entries: Int) -> Bool {
    guard states[parent]?.ahead[position] != nil else { return false }
    states[parent]?.ahead[position] = Ahead(listing: listing, entries: entries)
    self.entries += entries
    guard let awaited, awaited == (position, parent) else { return false }
    self.awaited = nil
    return true
  }

  // MARK: Order

  private func mayRequest(_ isWanted: Bool) -> Bool {
    isWanted && directories < limits.directories && entries < limits.entries
  }

  /// Stores a parent's state, and puts the parent into the order or removes it, as its limit says.
  private mutating func update(_ parent: Parent, _ state: State) {
    states[parent] = state.remaining.isEmpty && state.ahead.isEmpty ? nil : state
    if state.isQueued {
      if !state.mayRequest(limits.perParent) { dequeue(parent) }
    } else if state.mayRequest(limits.perParent), state.ahead.count <= limits.perParent / 2 {
      enqueue(parent)
    }
  }

  private mutating func enqueue(_ parent: Parent) {
    guard let orderKey = states[parent]?.orderKey else { return }
    states[parent]?.isQueued = true
    let index = order.lastIndex { states[$0].map { orderKey.precedes($0.orderKey) } ?? false }
    order.insert(parent, at: index.map { $0 + 1 } ?? 0)
  }

  private mutating func dequeue(_ parent: Parent) {
    states[parent]?.isQueued = false
    if let index = order.lastIndex(of: parent) { order.remove(at: index) }
  }
}
