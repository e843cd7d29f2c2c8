extension PipelineProtocol {
  /// Lets the stages before it get ahead of those behind it by a number of elements.
  ///
  /// - *emits* the elements as soon as they arrive, in input order
  /// - *suspends* the stage before it while it holds `limit` elements, including those that it is emitting; each task
  ///   of that stage holds 64 more at most, or half of `limit` if that is less
  /// - *finishes* with its input, when it is empty
  /// - *on cancel* drops the elements that it holds, and counts them as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameter limit: the maximum number of elements that it holds; positive.
  @inlinable
  public func buffer(elements limit: Int) -> Pipeline<Element> {
    precondition(limit > 0, "a buffer has room for at least one element")
    let room = StageBudget(for: limit)
    return erased.stage("buffer") { instance, makeEmitter in
      try await instance.serve(capacity: room.queue, batchSize: room.hand, makeEmitter) { inlet, emitter in
        try await inlet.forward(upTo: room.hand, to: emitter)
      }
    }
  }

  /// Lets the stages before it get ahead of those behind it by a number of bytes, or another unit of weight.
  ///
  /// Elements are passed to it one by one, so that none wait in batches before it. An element that is heavier than
  /// `limit` does not wait in the buffer: it passes when the element before it has been emitted.
  ///
  /// The buffer also bounds the queues behind it. The queue of the next stage holds an eighth of `limit`, and that
  /// stage takes at most as much at once; an element that a synchronous operator in between emits counts as much as the
  /// element that it was made from. Further queues hold one or two elements, and a window in input order twice as many
  /// as its stage has workers, unless their operators specify another number.
  ///
  /// - *emits* the elements as soon as they arrive, in input order
  /// - *suspends* the stage before it while the next element would make the waiting elements heavier than `limit`. In
  ///   addition there are the element that it is emitting, and one in each task of the stage before
  /// - *finishes* with its input, when it is empty
  /// - *on cancel* drops the elements that it holds, and counts them as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameters:
  ///   - limit: the maximum total weight of the waiting elements; not negative.
  ///   - weight: returns the weight of an element, in bytes; not negative, and 0 counts as 1. The report shows the sum
  ///     as the stage's bytes.
  @inlinable
  public func buffer(bytes limit: Int, weight: @escaping @Sendable (Element) -> Int) -> Pipeline<Element> {
    precondition(limit >= 0, "a buffer holds no negative number of bytes")
    let pipeline = erased
    return Pipeline(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      let buffer = WeighedBuffer(
        StageInstance(run: run, upstream: upstream, counters: run.addStage("buffer")), limit: limit, weight: weight)
      return Producer(stage: buffer.instance.counters, bound: .byWeight(buffer.inHand)) { makeEmitter in
        try await buffer.run(makeEmitter)
      }
    }
  }
}

extension PipelineProtocol where Element: Collection, Element.Element == UInt8 {
  /// As ``buffer(bytes:weight:)``, with the number of bytes in an element as its weight.
  ///
  /// - Parameter limit: the maximum number of bytes in all waiting elements; not negative.
  @inlinable
  public func buffer(bytes limit: Int) -> Pipeline<Element> {
    buffer(bytes: limit) { $0.count }
  }
}

/// A `buffer(bytes:)` in one run.
///
/// It keeps the weight of each element, from which the queue of the stage behind it derives its own bound.
@usableFromInline
struct WeighedBuffer<Element: Sendable>: Sendable {
  @usableFromInline
  struct Item: Sendable {
    @usableFromInline let element: Element
    @usableFromInline let weight: Int

    @inlinable
    init(element: Element, weight: Int) {
      (self.element, self.weight) = (element, weight)
    }
  }

  /// The queue of the stage behind the buffer holds 1/`partBehind` of the buffer's limit. A guess: enough that small
  /// elements are passed on in batches.
  @inlinable static var partBehind: Int { 8 }

  @usableFromInline let instance: StageInstance<Element>
  @usableFromInline let limit: Int
  @usableFromInline let weight: @Sendable (Element) -> Int
  @usableFromInline let inHand: WeightInHand

  @inlinable
  init(_ instance: StageInstance<Element>, limit: Int, weight: @escaping @Sendable (Element) -> Int) {
    (self.instance, self.limit, self.weight) = (instance, limit, weight)
    inHand = WeightInHand(budget: limit / Self.partBehind)
  }

  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Element>) async throws {
    let inlet = StageInputQueue<Item>(of: instance.counters, budget: limit) { $0.weight }
    try await instance.serve(inlet, entrance: { makeEntrance(inlet) }) { inlet in
      try await withEmitter(makeEmitter) { emitter in
        while let taken = await inlet.receive() {
          let item = taken.element
          inHand.value = item.weight
          try await emitter.emit(item.element, taken.token)
          try await emitter.flush()
        }
        try Task.checkCancellation()
      }
    }
  }

  /// For a task of the stage before. Elements are passed on one by one, so that the queue's budget bounds all of them.
  @inlinable
  func makeEntrance(_ inlet: StageInputQueue<Item>) -> Emitter<Element> {
    let (counters, previous) = (instance.counters, instance.upstream.stage)
    return .batching(from: previous, to: counters, size: 1) { batch in
      let items = batch.map { Item(element: $0, weight: weight($0)) }
      counters.add(bytes: items.reduce(0) { $0 + $1.weight })
      try await inlet.send(items, from: previous)
    }
  }
}
