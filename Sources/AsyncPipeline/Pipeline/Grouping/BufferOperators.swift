extension PipelineProtocol {
  /// Lets the stages before it get ahead of those behind it by a number of elements.
  ///
  /// - *emits* the elements as soon as it gets them, in their order
  /// - *suspends* the stage before it while it holds `limit` elements, of which it may be handing some on; each task of
  ///   that stage holds 64 more at most, or half of `limit` if that is less
  /// - *finishes* with its input, when it is empty
  /// - *on cancel* drops what it holds, and counts it as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameter limit: positive.
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

  /// Lets the stages before it get ahead of those behind it by a number of bytes, or whatever the weight is in.
  ///
  /// Elements are handed over one by one, so that no others weigh anything beside those it has. An element that is
  /// heavier than `limit` does not wait in the buffer: it passes when the one before it has gone.
  ///
  /// The bound holds for all that waits behind the buffer too. The queue of the stage behind it holds an eighth of
  /// `limit`, and that stage takes as much at once at most, what synchronous operators make of an element counting as
  /// much as that. Further queues hold one or two elements, and a window in the input's order twice as many as its
  /// stage has workers, unless their operators are told something else.
  ///
  /// - *emits* the elements as soon as it gets them, in their order
  /// - *suspends* the stage before it while an element would make those that wait heavier than `limit`. Besides these
  ///   there are the one that it is handing on, and one in each task of the stage before
  /// - *finishes* with its input, when it is empty
  /// - *on cancel* drops what it holds, and counts it as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameters:
  ///   - limit: what the elements that wait weigh together at most; not negative.
  ///   - weight: of an element, in bytes; not negative, and 0 counts as 1. The report has the sum as the stage's bytes.
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
  /// As ``buffer(bytes:weight:)``, where the elements are bytes themselves.
  ///
  /// - Parameter limit: of the bytes in all elements that wait; not negative.
  @inlinable
  public func buffer(bytes limit: Int) -> Pipeline<Element> {
    buffer(bytes: limit) { $0.count }
  }
}
