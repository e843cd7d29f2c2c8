import DequeModule

/// What a channel holds and who waits for it: a value that takes an event and answers what is to be done. It neither locks nor
/// resumes.
///
/// Sending and receiving take two steps. The first is an attempt without a continuation; where it cannot succeed nothing
/// changes, and the task gets a name. In the second it comes again, with its continuation, and either succeeds now or stands in
/// line. A cancellation names the task: one that comes before the second step finds nobody, and then the task is known to
/// be cancelled when it takes that step.
///
/// Invariants: what the buffer holds never weighs more than the budget; producers wait only while the first element of the
/// first of them does not fit; consumers wait only while the buffer is empty and no producer waits; after the end nobody
/// waits.
@usableFromInline
struct ChannelStateMachine<Element: Sendable, Failure: Error>: Sendable {
  @usableFromInline
  enum Phase: Sendable {
    case open
    /// No consumer has heard of the failure yet.
    case failed(Failure)
    case finished
  }

  /// What the buffer may weigh.
  @usableFromInline let budget: Int
  /// Whether elements have weights of their own. Where they have not, each weighs 1.
  @usableFromInline let isWeighted: Bool
  @usableFromInline var phase = Phase.open
  @usableFromInline var buffer = Deque<Element>()
  /// As many as there are elements in the buffer, if they have weights of their own; else none.
  @usableFromInline var weights = Deque<Int>()
  /// The sum of these.
  @usableFromInline var load = 0
  @usableFromInline var producers = Deque<Producer>()
  @usableFromInline var consumers = Deque<Consumer>()
  @usableFromInline var lastID: WaiterID = 0

  @inlinable
  init(budget: Int, isWeighted: Bool) {
    (self.budget, self.isWeighted) = (budget, isWeighted)
  }

  @inlinable var isOpen: Bool {
    if case .open = phase { true } else { false }
  }

  /// Whether nothing is to come any more, neither an element nor a failure.
  @inlinable var isFinished: Bool {
    if case .finished = phase { buffer.isEmpty } else { false }
  }

  @inlinable
  mutating func nextID() -> WaiterID {
    lastID += 1
    return lastID
  }

  // MARK: The buffer

  /// What the buffer may still take on.
  @inlinable var room: Int { budget - (isWeighted ? load : buffer.count) }

  @inlinable
  mutating func hold(_ element: consuming Element, weight: Int) {
    buffer.append(element)
    if isWeighted {
      weights.append(weight)
      load += weight
    }
  }

  @inlinable
  mutating func releaseFirst() -> Element? {
    guard let element = buffer.popFirst() else { return nil }
    if isWeighted { load -= weights.removeFirst() }
    return element
  }

  @inlinable
  mutating func releaseFirst(_ count: Int) -> [Element] {
    let elements = Array(buffer.prefix(count))
    buffer.removeFirst(count)
    if isWeighted {
      load -= weights.prefix(count).reduce(0, +)
      weights.removeFirst(count)
    }
    return elements
  }
}
