/// How old a batch is, known with few looks at the clock: where elements come fast and then slowly, at most
/// ``mostElementsPerLook`` of the slow ones are withheld, once.
@usableFromInline
struct BatchPace {
  /// A batch this old is due, in nanoseconds.
  private static let limit = Int64(FlushTimer.limit / .nanoseconds(1))
  /// If less time passes between two looks the next one comes later. A guess: a fraction of the limit.
  private static let fast = limit / 10
  /// A guess: a look costs some 20 ns, and so an element that costs at least as much pays little of it.
  private static let mostElementsPerLook = 16

  private let size: Int
  private let clock: RunClock?
  /// At how many elements the clock is read, or the batch is full.
  @usableFromInline private(set) var nextLook: Int
  private var elementsPerLook: Int
  private var lastLook: Int64
  private var age: Int64 = 0

  @usableFromInline
  init(size: Int, _ clock: RunClock?) {
    (self.size, self.clock) = (size, clock)
    lastLook = clock?.now ?? 0
    elementsPerLook = clock == nil ? size : 1
    nextLook = elementsPerLook
  }

  /// A new batch begins.
  ///
  /// - Returns: at how many elements the first look is.
  @usableFromInline
  mutating func begin() -> Int {
    age = 0
    nextLook = min(size, elementsPerLook)
    return nextLook
  }

  /// Whether a batch of so many elements is due. The time is counted in which the task waited for room, too: who waits
  /// so long for others need not save crossings.
  @usableFromInline
  mutating func look(_ count: Int) -> Bool {
    guard let clock else { return true }
    let now = clock.now
    let passed = now - lastLook
    lastLook = now
    age += passed
    elementsPerLook = passed < Self.fast ? min(Self.mostElementsPerLook, elementsPerLook * 2) : 1
    nextLook = min(size, count + elementsPerLook)
    return count >= size || age >= Self.limit
  }
}
