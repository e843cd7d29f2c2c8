extension PipelineProtocol {
  /// Puts elements together in arrays.
  ///
  /// Of the `n` elements of a batch, the report counts one as output and the others as combined.
  ///
  /// - *emits* a batch when it has `count` elements, or when the next one would make it too heavy, or when it is as old
  ///   as `duration` says, whichever comes first; none that is empty
  /// - *suspends* the stage before it while it holds a batch and `count` elements wait, or 64 if that is less, or fewer
  ///   as ``Pipeline`` says; each task of that stage holds as many again at most
  /// - *finishes* with its input, when the last batch has gone, however small that is
  /// - *on cancel* drops what it holds, and counts it as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameters:
  ///   - count: how many elements a batch has at most; positive.
  ///   - weight: what the elements of a batch weigh together at most, `.atMost(1 << 20) { $0.count }` for example. An
  ///     element that is heavier is a batch of its own.
  ///   - duration: how long an element waits for others, counted from when the first of a batch is put there; positive.
  ///   - clock: that measures it.
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

/// Collects one batch after another, and accounts for what is in its hands.
@usableFromInline
struct BatchTask<Element: Sendable, C: Clock>: ~Copyable where C.Duration == Duration {
  @usableFromInline let inlet: StageInputQueue<Element>
  @usableFromInline let emitter: Emitter<[Element]>
  /// How many elements are taken at once.
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
      // No more than fit in the batch, so that the two together never are.
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
    // It has waited long enough, and behind it another may be as large.
    try await emitter.flush()
  }
}
