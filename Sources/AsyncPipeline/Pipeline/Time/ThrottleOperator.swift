extension PipelineProtocol {
  /// Limits the number of elements per second.
  ///
  /// The report's metric "delayed" counts the elements that had to wait; the time that they waited is the stage's
  /// delayed time.
  ///
  /// - *emits* each element when the limit lets it pass, in input order
  /// - *suspends* the stage before it while it holds 64 elements, or fewer as ``Pipeline`` says; each task of that
  ///   stage holds half as many more at most
  /// - *finishes* when the last element has passed
  /// - *on cancel* stops waiting, drops the elements that it holds, and counts them as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameter limit: may be changed while the pipeline runs. Runs and stages that share it share the rate.
  @inlinable
  public func throttle(_ limit: RateLimit) -> Pipeline<Element> {
    throttled(limit) { _, _ in 1 }
  }

  /// Limits the total weight of the elements per second, in bytes for example.
  ///
  /// An element passes when the elements before it are paid for, however heavy it is. Emits, suspends, finishes, and
  /// handles cancellation as ``throttle(_:)`` does.
  ///
  /// - Parameters:
  ///   - limit: in units of `weight` per second.
  ///   - weight: returns the weight of an element; not negative. The report shows the sum as the stage's bytes.
  @inlinable
  public func throttle(_ limit: RateLimit, weight: @escaping @Sendable (Element) -> Int) -> Pipeline<Element> {
    throttled(limit) { element, stage in
      let bytes = weight(element)
      stage.add(bytes: bytes)
      return bytes
    }
  }

  @usableFromInline
  func throttled(
    _ limit: RateLimit, _ weigh: @escaping @Sendable (Element, StageCounters) -> Int
  ) -> Pipeline<Element> {
    return erased.stage("throttle") { instance, makeEmitter in
      let room = StageBudget.usual(behind: instance.upstream.bound, of: Element.self)
      try await instance.serve(capacity: room.queue, batchSize: room.hand, makeEmitter) { inlet, emitter in
        while let batch = try await inlet.next(upTo: room.hand) {
          let elements = batch.elements
          var tokens = batch.tokens
          for element in elements {
            try await limit.pass(weigh(element, instance.counters), before: emitter)
            try await emitter.emit(element, tokens.split())
          }
          try await emitter.flush()
        }
      }
    }
  }
}

extension RateLimit {
  /// Suspends until an element may pass. The elements before it are flushed first.
  func pass<Element>(_ weight: Int, before emitter: Emitter<Element>) async throws {
    guard var next = pass(weight) else { return }
    emitter.stage.count("delayed", 1)
    try await emitter.flush()
    while true {
      try await emitter.stage.delayed.measure { try await wait(next) }
      guard let again = pass(weight) else { return }
      next = again
    }
  }
}
