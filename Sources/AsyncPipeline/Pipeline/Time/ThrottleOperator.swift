extension PipelineProtocol {
  /// Lets no more elements pass in a second than a limit says.
  ///
  /// The report counts under "delayed" how many elements had to wait; how long is the stage's delayed time.
  ///
  /// - *emits* each element when the limit lets it pass, in their order
  /// - *suspends* the stage before it while it holds 64 elements, or fewer as ``Pipeline`` says; each task of that
  ///   stage holds half as many more at most
  /// - *finishes* when the last element has passed
  /// - *on cancel* stops waiting, drops what it holds, and counts it as cancelled
  /// - *on failure* it cannot fail
  ///
  /// - Parameter limit: may be changed while the pipeline runs. Runs and stages that share it get so much together.
  @inlinable
  public func throttle(_ limit: RateLimit) -> Pipeline<Element> {
    throttled(limit) { _, _ in 1 }
  }

  /// Lets elements pass that weigh no more in a second than a limit says: bytes, for example.
  ///
  /// An element passes when those before it are paid for, however heavy it is. It emits, suspends, finishes, and takes
  /// cancellation as ``throttle(_:)`` does.
  ///
  /// - Parameters:
  ///   - limit: in the unit of `weight` a second.
  ///   - weight: of an element; not negative. The report has the sum as the stage's bytes.
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
  /// Suspends until something may pass. What has passed before is not held back meanwhile.
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
