/// What a channel is to do, said with one array: the elements nobody has received yet, in the order in which they came. The first
/// `capacity` of them are the channel's; the others are still their producers', who wait.
///
/// Tasks are numbers, and elements name their task: the third element of task 1 is 12.
struct ChannelModel {
  /// What a task does, once.
  enum Role: Hashable {
    case sends(count: Int)
    case receives(limit: Int)
    /// Takes what there is, without waiting.
    case polls(limit: Int)
    /// Receives, but of what the channel holds no more than its part.
    case shares(limit: Int, parts: Int)
  }

  /// How it ended.
  enum Outcome: Hashable {
    case sent
    case cancelled([Int])
    case finished([Int])
    case received([Int])
  }

  private let capacity: Int
  private(set) var queue: [Int] = []
  private(set) var waitingProducers: [Int] = []
  private(set) var waitingConsumers: [(task: Int, limit: Int)] = []
  private(set) var isFinished = false
  /// What the last event decided, by task.
  private(set) var decisions: [Int: Outcome] = [:]
  // Where elements have been, in that order.
  private var arrived: [Int] = []
  private var delivered: [Int] = []
  private var handedBack: [Int] = []

  init(capacity: Int) {
    self.capacity = capacity
  }

  static func elements(of task: Int, count: Int) -> [Int] {
    Array(task * 10..<task * 10 + count)
  }

  // MARK: Events

  mutating func begin(_ task: Int, _ role: Role) {
    decisions = [:]
    switch role {
    case .sends(let count): send(Self.elements(of: task, count: count), by: task)
    case .receives(let limit): receive(upTo: limit, by: task)
    case .polls(let limit): take(upTo: limit, by: task)
    case .shares(let limit, let parts): receive(upTo: limit, parts: parts, by: task)
    }
  }

  private mutating func send(_ elements: [Int], by task: Int) {
    arrived += elements
    if isFinished {
      handedBack += elements
      decisions[task] = .finished(elements)
      return
    }
    var rest = elements[...]
    while !rest.isEmpty, !waitingConsumers.isEmpty {
      // All that wait get as much, as far as it goes.
      let evenShare = max(1, rest.count / waitingConsumers.count)
      let consumer = waitingConsumers.removeFirst()
      let share = rest.prefix(min(evenShare, consumer.limit))
      rest = rest.dropFirst(share.count)
      delivered += share
      decisions[consumer.task] = .received(Array(share))
    }
    queue += rest
    waitingProducers.append(task)
    releaseProducers()
  }

  private mutating func receive(upTo limit: Int, parts: Int = 1, by task: Int) {
    if queue.isEmpty, !isFinished {
      waitingConsumers.append((task, limit))
    } else {
      let part = parts == 1 ? limit : max(1, min(queue.count, capacity) / parts)
      take(upTo: min(limit, part), by: task)
    }
  }

  private mutating func take(upTo limit: Int, by task: Int) {
    let taken = Array(queue.prefix(limit))
    queue.removeFirst(taken.count)
    delivered += taken
    decisions[task] = .received(taken)
    releaseProducers()
  }

  mutating func cancel(_ task: Int) {
    decisions = [:]
    if let index = waitingProducers.firstIndex(of: task) {
      waitingProducers.remove(at: index)
      decisions[task] = .cancelled(takeBack(from: task))
    } else if let index = waitingConsumers.firstIndex(where: { $0.task == task }) {
      waitingConsumers.remove(at: index)
      decisions[task] = .received([])
    }
  }

  mutating func finish() {
    decisions = [:]
    isFinished = true
    for task in waitingProducers { decisions[task] = .finished(takeBack(from: task)) }
    for (task, _) in waitingConsumers { decisions[task] = .received([]) }
    waitingProducers = []
    waitingConsumers = []
  }

  // MARK: Consequences

  /// A producer waits as long as the channel has not taken over its last element.
  private mutating func releaseProducers() {
    let outside = queue.dropFirst(capacity)
    waitingProducers.removeAll { task in
      if outside.contains(where: { $0 / 10 == task }) { return false }
      decisions[task] = .sent
      return true
    }
  }

  private mutating func takeBack(from task: Int) -> [Int] {
    let back = queue.dropFirst(capacity).filter { $0 / 10 == task }
    queue.removeAll(where: back.contains)
    handedBack += back
    return back
  }

  // MARK: What must hold

  /// What is wrong with the model itself, if anything is.
  var complaint: String? {
    if (delivered + handedBack + queue).sorted() != arrived.sorted() { return "an element is lost, or there twice" }
    if delivered + queue != arrived.filter({ !handedBack.contains($0) }) { return "elements overtake each other" }
    if !waitingConsumers.isEmpty, !queue.isEmpty { return "a consumer waits beside an element" }
    if !waitingProducers.isEmpty, queue.count <= capacity { return "a producer waits beside a free place" }
    if isFinished, !waitingProducers.isEmpty || !waitingConsumers.isEmpty { return "somebody waits for nothing" }
    return nil
  }
}
