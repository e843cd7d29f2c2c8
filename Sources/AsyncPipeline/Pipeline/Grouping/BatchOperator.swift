extension PipelineProtocol {
  /// Collects elements in arrays.
  ///
  /// Of the `n` elements of a batch, the report counts one as output and the others as combined.
  ///
  /// - *emits* a batch when it has `count` elements, or when the next element would make it too heavy, or when its
  ///   first element has waited for `duration`, whichever comes first; never an empty batch
  /// - *suspends* the stage before it while it holds a batch and `count` elements wait, or 64 if that is less, or fewer
  ///   as ``Pipeline`` says; each task of that stage holds as many again at most
  /// - *finishes* with its input, when the last batch has been emitted, however small it is
  /// - *on cancel* drops the elements that it holds, and counts them as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameters:
  ///   - count: the maximum number of elements in a batch; positive.
  ///   - weight: the maximum total weight of a batch, `.atMost(1 << 20) { $0.count }` for example. A heavier element is
  ///     a batch of its own.
  ///   - duration: how long the first element of a batch waits for others; positive.
  ///   - clock: measures the duration.
  @inlinable
  public func batch<C: Clock>(
    count: Int, weight: WeightLimit<Element>? = nil, within duration: Duration? = nil, clock: C = ContinuousClock()
  ) -> Pipeline<[Element]> where C.Duration == Duration {
    precondition(count > 0, "a batch has at least one element")
    precondition(duration ?? .seconds(1) > .zero, "a batch is collected for some time")
    return erased.stage("batch") { instance, makeEmitter in
      let queue = min(count, instance.upstream.bound.limit(BatchBuffer<Element>.defaultSize, of: Element.self))
      try await instance.serve(capacity: queue, batchSize: queue, makeEmitter) { inlet, emitter in
        var task = BatchTask(
          inlet, emitter, hand: queue, count: count, weight: weight, duration: duration, clock: clock)
        try await task.run()
      }
    }
  }
}

/// The maximum total weight of the elements that are put together.
public struct WeightLimit<Element>: Sendable {
  @usableFromInline let limit: Int
  @usableFromInline let weight: @Sendable (Element) -> Int

  /// - Parameters:
  ///   - limit: positive, in the unit of `weight`.
  ///   - weight: returns the weight of an element; not negative. Called once per element.
  @inlinable
  public static func atMost(_ limit: Int, _ weight: @escaping @Sendable (Element) -> Int) -> WeightLimit {
    precondition(limit > 0, "a weight limit is positive")
    return WeightLimit(limit: limit, weight: weight)
  }

  @inlinable
  init(limit: Int, weight: @escaping @Sendable (Element) -> Int) {
    (self.limit, self.weight) = (limit, weight)
  }
}

/// The task of a `batch`: collects one batch after another, and accounts for the elements that it holds.
@usableFromInline
struct BatchTask<Element: Sendable, C: Clock>: ~Copyable where C.Duration == Duration {
  @usableFromInline let inlet: StageInputQueue<Element>
  @usableFromInline let emitter: Emitter<[Element]>
  /// The maximum number of elements that are taken at once.
  @usableFromInline let hand: Int
  @usableFromInline let weigh: (@Sendable (Element) -> Int)?
  @usableFromInline let duration: Duration?
  @usableFromInline let clock: C
  @usableFromInline var open: OpenBatch<Element>
  /// When the open batch is due.
  @usableFromInline var deadline: C.Instant?
  /// For the open batch, and for elements that were taken from the queue and are in no batch yet.
  @usableFromInline var tokens: ElementToken

  @inlinable
  init(
    _ inlet: StageInputQueue<Element>, _ emitter: Emitter<[Element]>, hand: Int, count: Int,
    weight: WeightLimit<Element>?,
    duration: Duration?, clock: C
  ) {
    (self.inlet, self.emitter, self.hand) = (inlet, emitter, hand)
    (weigh, self.duration, self.clock) = (weight?.weight, duration, clock)
    tokens = ElementToken(of: inlet.stage, 0)
    open = OpenBatch(countLimit: count, weightLimit: weight?.limit ?? .max)
  }

  @inlinable
  mutating func run() async throws {
    while true {
      // At most as many as fit in the batch, so that the two together never hold more than a batch.
      let limit = min(hand, open.countLimit - open.count)
      switch try await inlet.next(upTo: limit, before: deadline, clock) {
      case .elements(let batch):
        let elements = batch.elements
        tokens.merge(batch.tokens)
        try await sort(elements)
      case .late: try await close()
      case .end:
        if !open.isEmpty { try await close() }
        return
      }
    }
  }

  @inlinable
  mutating func sort(_ elements: [Element]) async throws {
    for element in elements {
      let weight = weigh?(element) ?? 0
      precondition(weight >= 0, "an element's weight is not negative")
      if !open.hasRoom(for: weight) { try await close() }
      if open.isEmpty, let duration { deadline = clock.now.advanced(by: duration) }
      open.append(element, weight: weight)
      if open.isFull { try await close() }
    }
  }

  @inlinable
  mutating func close() async throws {
    deadline = nil
    let batch = open.take()
    tokens.split(batch.count - 1).combine()
    try await emitter.emit(batch, tokens.split())
    // The batch has waited long enough, and the next one may be as large.
    try await emitter.flush()
  }
}
