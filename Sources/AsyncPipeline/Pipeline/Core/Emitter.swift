/// Takes the elements that one task emits: a chain of synchronous steps that ends in a buffer, and a flush of the
/// buffer.
///
/// An element passes the steps by plain function calls; the task suspends only in `flush`, when the buffer is full. An
/// emitter belongs to one task, which closes it in the end: see ``withEmitter(_:_:)``.
///
/// From the call of `accept` or `pass` on, the emitter accounts for the element, whether that returns or throws.
@usableFromInline
struct Emitter<Element> {
  /// The stage that emits.
  @usableFromInline let stage: StageCounters
  /// Takes an element. True if the task must `flush` before it emits another.
  @usableFromInline let accept: (Element) throws -> Bool
  /// Takes an element that must not wait for others, and passes it on if the next stage has room now. True if the task
  /// must `flush`.
  @usableFromInline let pass: (Element) throws -> Bool
  /// Passes on the content of the buffer; suspends while the next stage has no room. Throws `CancellationError` if the
  /// task is cancelled while it waits, and ``EndOfDemand`` if no more elements are wanted.
  @usableFromInline let flush: () async throws -> Void
  /// Ends the emitter. Elements that are still in the buffer are counted as cancelled.
  @usableFromInline let close: () -> Void

  /// - Parameter pass: by default as `accept`, with a flush for each element.
  @inlinable
  init(
    stage: StageCounters, accept: @escaping (Element) throws -> Bool, pass: ((Element) throws -> Bool)? = nil,
    flush: @escaping () async throws -> Void, close: @escaping () -> Void
  ) {
    (self.stage, self.accept, self.flush, self.close) = (stage, accept, flush, close)
    self.pass =
      pass ?? { element in
        _ = try accept(element)
        return true
      }
  }

  /// Takes an element, and suspends until there is room if need be. Throws `CancellationError` if the task was
  /// cancelled: a stage behind which there is always room, or a filter that lets nothing pass, would not notice
  /// otherwise.
  ///
  /// - Parameter token: covers the element until the emitter accepts it. By default a new one, for an element from a
  ///   container, or one that a source has just counted as its input.
  @inlinable
  func emit(_ element: Element, _ token: consuming ElementToken? = nil) async throws {
    let token = token ?? ElementToken(of: stage)
    try Task.checkCancellation()
    token.handOver()
    if try accept(element) { try await flush() }
  }

  /// Takes a batch. Looks once whether the task was cancelled.
  ///
  /// - Parameter tokens: as for ``emit(_:_:)``, for as many elements.
  @inlinable
  func emit(contentsOf batch: [Element], _ tokens: consuming ElementToken? = nil) async throws {
    var tokens = tokens ?? ElementToken(of: stage, batch.count)
    try Task.checkCancellation()
    for element in batch {
      tokens.split().handOver()
      if try accept(element) { try await flush() }
    }
  }

  @inlinable
  func emit(_ batch: consuming TakenBatch<Element>) async throws {
    try await emit(contentsOf: batch.elements, batch.tokens)
  }
}

/// Calls `body` with an emitter, flushes it when `body` returns, and closes it in any case.
@inlinable
func withEmitter<Element>(
  _ makeEmitter: EmitterFactory<Element>, _ body: (Emitter<Element>) async throws -> Void
) async throws {
  let emitter = makeEmitter()
  defer { emitter.close() }
  try await body(emitter)
  try await emitter.flush()
}

extension Emitter where Element: Sendable {
  /// Collects batches, and hands them to `deliver`.
  ///
  /// - Parameters:
  ///   - stage: that emits the elements. They are counted as its output when they are handed over.
  ///   - next: that takes the elements. They are counted as its input at the same time.
  ///   - size: of a batch.
  ///   - tryDeliver: delivers an element if there is room now, and counts it as output and input; false if it has done
  ///     nothing.
  ///   - deliver: accounts, in `next`, for each element that it cannot deliver.
  @inlinable
  static func batching(
    from stage: StageCounters, to next: StageCounters, size: Int = BatchBuffer<Element>.defaultSize,
    tryDeliver: ((Element) -> Bool)? = nil, _ deliver: @escaping ([Element]) async throws -> Void
  ) -> Emitter {
    let buffer = BatchBuffer<Element>(size: size, clock: stage.life.clock)
    return Emitter(
      stage: stage, accept: buffer.append,
      pass: { element in
        if let tryDeliver, buffer.isEmpty, tryDeliver(element) { return false }
        _ = buffer.append(element)
        return true
      },
      flush: {
        if buffer.isEmpty { return }
        let batch = buffer.takeAll()
        stage.add(output: batch.count)
        next.add(input: batch.count)
        try await deliver(batch)
      },
      close: { stage.add(cancelled: buffer.takeAll().count) })
  }

  /// Passes elements from one stage through another that has no tasks of its own, such as a merge.
  @inlinable
  static func relaying(from stage: StageCounters, to next: Emitter) -> Emitter {
    let count = LocalCount()
    let publish = {
      let passed = count.take()
      stage.add(output: passed)
      next.stage.add(input: passed)
    }
    return Emitter(
      stage: stage,
      accept: { element in
        count.value += 1
        return try next.accept(element)
      },
      pass: { element in
        count.value += 1
        publish()
        return try next.pass(element)
      },
      flush: {
        publish()
        // `next` counts its waits in the stage without tasks; they are the waits of this one.
        try await stage.blocked.measure { try await next.flush() }
      },
      close: {
        publish()
        next.close()
      })
  }
}

/// A count of one task, which adds it to shared counters by the batch.
@usableFromInline
final class LocalCount {
  @usableFromInline var value = 0

  @inlinable
  init() {}

  /// The value, which is 0 afterwards.
  @inlinable
  func take() -> Int {
    defer { value = 0 }
    return value
  }
}
