/// Collects elements that are passed on by the batch.
///
/// A batch is due when it is full, or older than ``FlushTimer/limit``. While elements come fast the clock is read at
/// every sixteenth; where each takes a millisecond, because a closure before the buffer computes or blocks, at each
/// element.
@usableFromInline
final class BatchBuffer<Element> {
  /// How many elements cross to another task together. A crossing costs some 100 ns and an element some 10.
  @inlinable static var defaultSize: Int { 64 }

  /// Elements, and the count at which the clock is read. One property of the buffer rather than two, because each
  /// access to a property of an object checks for exclusivity, which costs as much as an element.
  @usableFromInline
  struct Batch {
    @usableFromInline var elements: [Element] = []
    @usableFromInline var nextLook: Int

    @inlinable
    init(size: Int, nextLook: Int) {
      self.nextLook = nextLook
      elements.reserveCapacity(size)
    }

    /// - Returns: whether ``BatchBuffer/look()`` is due.
    @inlinable
    mutating func append(_ element: Element) -> Bool {
      elements.append(element)
      return elements.count >= nextLook
    }
  }

  @usableFromInline var batch: Batch
  @usableFromInline var pace: BatchPace

  /// - Parameter clock: that measures the age of a batch; by default batches are due only when they are full.
  @inlinable
  init(size: Int = defaultSize, clock: RunClock? = nil) {
    pace = BatchPace(size: size, clock)
    batch = Batch(size: size, nextLook: pace.nextLook)
  }

  @inlinable var isEmpty: Bool { batch.elements.isEmpty }

  /// - Returns: whether the batch is due.
  @inlinable
  func append(_ element: Element) -> Bool {
    batch.append(element) && look()
  }

  // Inlinable so that it is specialized for the type of the elements.
  @inlinable @inline(never)
  func look() -> Bool {
    defer { batch.nextLook = pace.nextLook }
    return pace.look(batch.elements.count)
  }

  @inlinable
  func takeAll() -> [Element] {
    let elements = batch.elements
    // The next batch is likely to be as large.
    batch = Batch(size: elements.count, nextLook: pace.begin())
    return elements
  }
}

/// The age of a batch, measured with few looks at the clock: where elements come fast and then slowly, at most
/// ``mostElementsPerLook`` of the slow ones are withheld, once.
@usableFromInline
struct BatchPace {
  /// A batch this old is due, in nanoseconds.
  private static let limit = Int64(FlushTimer.limit / .nanoseconds(1))
  /// If less time passes between two looks, the next one comes after more elements. A guess: a fraction of the limit.
  private static let fast = limit / 10
  /// A guess: a look costs some 20 ns, of which each of so many elements pays little.
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

  /// Whether a batch of so many elements is due. Its age includes the time in which the task waited for room: a task
  /// that waits so long gains nothing by saving crossings.
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
