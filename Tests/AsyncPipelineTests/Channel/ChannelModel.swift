/// The specification of a channel, with a single array: the elements that no consumer has received yet, in the order in
/// which they arrived. The channel holds its longest prefix that the budget permits; the other elements are pending,
/// and their producers wait.
///
/// Tasks are numbers, and an element contains its task's: the third element of task 1 is 12.
struct ChannelModel {
  /// What a task does, once.
  enum Role: Hashable {
    /// Sends one element per weight, in one call.
    case sends([Int])
    case triesToSend(weight: Int)
    case receives(limit: Int)
    case triesToReceive(limit: Int)
    /// Receives at most a part of what the channel holds.
    case shares(limit: Int, parts: Int)

    var mayWait: Bool {
      switch self {
      case .sends, .receives, .shares: true
      case .triesToSend, .triesToReceive: false
      }
    }
  }

  /// The outcome of a role.
  enum Outcome: Hashable {
    case sent
    case full([Int])
    case cancelled([Int])
    case finished([Int])
    case received([Int])
    case failed
  }

  enum Phase: Int {
    /// Failed: no consumer has received the failure yet.
    case open, failed, finished
  }

  private let budget: Int
  private let roles: [Role]
  private(set) var phase = Phase.open
  private(set) var queue: [Int] = []
  private(set) var waitingProducers: [Int] = []
  private(set) var waitingConsumers: [(task: Int, limit: Int, parts: Int)] = []
  /// The outcomes that the last event decided, by task.
  private(set) var decisions: [Int: Outcome] = [:]
  // The history of all elements, each in order.
  private var arrived: [Int] = []
  private var delivered: [Int] = []
  private var handedBack: [Int] = []

  init(budget: Int, roles: [Role]) {
    (self.budget, self.roles) = (budget, roles)
  }

  func elements(of task: Int) -> [Int] {
    switch roles[task] {
    case .sends(let weights): weights.indices.map { task * 10 + $0 }
    case .triesToSend: [task * 10]
    case .receives, .triesToReceive, .shares: []
    }
  }

  func weight(of element: Int) -> Int {
    switch roles[element / 10] {
    case .sends(let weights): weights[element % 10]
    case .triesToSend(let weight): weight
    case .receives, .triesToReceive, .shares: 0
    }
  }

  /// The prefix of the queue that the channel holds.
  var held: ArraySlice<Int> {
    var room = budget
    return queue.prefix { element in
      room -= weight(of: element)
      return room >= 0
    }
  }

  // MARK: Events

  /// - Parameter isCancelled: whether the task is cancelled, and therefore will not wait.
  mutating func begin(_ task: Int, isCancelled: Bool = false) {
    decisions = [:]
    switch roles[task] {
    case .sends: send(by: task)
    case .triesToSend: trySend(by: task)
    case .receives(let limit): receive(upTo: limit, by: task)
    case .triesToReceive(let limit): take(upTo: limit, by: task)
    case .shares(let limit, let parts): receive(upTo: limit, parts: parts, by: task)
    }
    if isCancelled { giveUp(task) }
  }

  mutating func cancel(_ task: Int) {
    decisions = [:]
    giveUp(task)
  }

  mutating func end(failing: Bool) {
    decisions = [:]
    if phase != .open { return }
    phase = failing && waitingConsumers.isEmpty ? .failed : .finished
    let pending = queue.dropFirst(held.count)
    for task in waitingProducers { decisions[task] = .finished(pending.filter { $0 / 10 == task }) }
    handedBack += pending
    queue = Array(held)
    for (task, _, _) in waitingConsumers { decisions[task] = failing ? .failed : .received([]) }
    waitingProducers = []
    waitingConsumers = []
  }

  // MARK: Sending and receiving

  private mutating func send(by task: Int) {
    let elements = elements(of: task)
    arrived += elements
    if phase != .open {
      handedBack += elements
      decisions[task] = .finished(elements)
      return
    }
    var rest = elements[...]
    while !rest.isEmpty, !waitingConsumers.isEmpty {
      // The waiting consumers get equal shares, or less if they leave elements to others.
      let count = waitingConsumers.count
      let consumer = waitingConsumers.removeFirst()
      let evenShare = max(1, rest.count / max(count, consumer.parts))
      let share = rest.prefix(min(evenShare, consumer.limit))
      rest = rest.dropFirst(share.count)
      delivered += share
      decisions[consumer.task] = .received(Array(share))
    }
    queue += rest
    waitingProducers.append(task)
    releaseProducers()
  }

  private mutating func trySend(by task: Int) {
    send(by: task)
    if waitingProducers.last == task {
      waitingProducers.removeLast()
      decisions[task] = .full(takeBack(from: task))
    }
  }

  private mutating func receive(upTo limit: Int, parts: Int = 1, by task: Int) {
    if queue.isEmpty, phase == .open {
      waitingConsumers.append((task, limit, parts))
    } else {
      let part = parts == 1 ? limit : max(1, held.count / parts)
      take(upTo: min(limit, part), by: task)
    }
  }

  private mutating func take(upTo limit: Int, by task: Int) {
    if queue.isEmpty, phase == .failed {
      phase = .finished
      decisions[task] = .failed
      return
    }
    let taken = Array(queue.prefix(limit))
    queue.removeFirst(taken.count)
    delivered += taken
    decisions[task] = .received(taken)
    releaseProducers()
  }

  // MARK: Consequences

  private mutating func giveUp(_ task: Int) {
    if let index = waitingProducers.firstIndex(of: task) {
      waitingProducers.remove(at: index)
      decisions[task] = .cancelled(takeBack(from: task))
      releaseProducers()
    } else if let index = waitingConsumers.firstIndex(where: { $0.task == task }) {
      waitingConsumers.remove(at: index)
      decisions[task] = .received([])
    }
  }

  /// A producer waits until the channel has accepted its last element.
  private mutating func releaseProducers() {
    if waitingProducers.isEmpty { return }
    let pending = queue.dropFirst(held.count)
    waitingProducers.removeAll { task in
      if pending.contains(where: { $0 / 10 == task }) { return false }
      decisions[task] = .sent
      return true
    }
  }

  private mutating func takeBack(from task: Int) -> [Int] {
    let back = queue.dropFirst(held.count).filter { $0 / 10 == task }
    queue.removeAll(where: back.contains)
    handedBack += back
    return back
  }

  // MARK: Invariants

  /// The first violated invariant of the model itself, if there is one.
  var complaint: String? {
    if (delivered + handedBack + queue).sorted() != arrived.sorted() { return "an element is lost or duplicated" }
    if delivered + queue != arrived.filter({ !handedBack.contains($0) }) { return "elements are out of order" }
    if held.reduce(0, { $0 + weight(of: $1) }) > budget { return "the channel exceeds its budget" }
    if !waitingConsumers.isEmpty, !queue.isEmpty { return "a consumer waits although there is an element" }
    if !waitingProducers.isEmpty, queue.count == held.count { return "a producer waits although its elements fit" }
    if phase != .open, !waitingProducers.isEmpty || !waitingConsumers.isEmpty { return "a task waits after the end" }
    return nil
  }
}
