/// Elements on their way to a place that takes them by the batch.
///
/// A batch is due when it is full, or older than ``FlushTimer/limit``. As long as elements come fast the clock is read
/// at every sixteenth; where each takes a millisecond, because a closure before the buffer works or blocks, at each
/// element.
@usableFromInline
final class BatchBuffer<Element> {
  /// Elements that cross to another task together. A crossing costs some 100 ns and an element some 10, so that 64
  /// elements share what one would pay.
  @inlinable static var defaultSize: Int { 64 }

  /// Elements, and at how many of them something is to be done: together, since each look at a property of an object
  /// checks that nothing else has access, which costs as much as an element.
  @usableFromInline
  struct Batch {
    @usableFromInline var elements: [Element] = []
    @usableFromInline var nextLook: Int

    @inlinable
    init(size: Int, nextLook: Int) {
      self.nextLook = nextLook
      elements.reserveCapacity(size)
    }

    /// Whether it is time for a look.
    @inlinable
    mutating func append(_ element: Element) -> Bool {
      elements.append(element)
      return elements.count >= nextLook
    }
  }

  @usableFromInline var batch: Batch
  @usableFromInline var pace: BatchPace

  /// - Parameter clock: by which a batch grows old; by default it does not.
  @inlinable
  init(size: Int = defaultSize, clock: RunClock? = nil) {
    pace = BatchPace(size: size, clock)
    batch = Batch(size: size, nextLook: pace.nextLook)
  }

  @inlinable var isEmpty: Bool { batch.elements.isEmpty }

  /// True if the batch is due.
  @inlinable
  func append(_ element: Element) -> Bool {
    batch.append(element) && look()
  }

  // Inlinable for what it is compiled to, where the elements' type is known.
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

extension Emitter where Element: Sendable {
  /// Collects batches, and hands them to `deliver`.
  ///
  /// - Parameters:
  ///   - stage: that emits; the elements are its output from the moment at which they are handed over.
  ///   - next: that takes them; from that moment they are its input.
  ///   - size: of a batch.
  ///   - tryDeliver: delivers an element if that needs no waiting, and counts it as the stages' output and input; false
  ///     if nothing has happened.
  ///   - deliver: accounts for each element that it cannot deliver, as `next`'s.
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

  /// Passes elements from one stage through another one that has no tasks of its own, such as a merge.
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
        // What is behind counts its waits for the other stage, which has no task that they could be taken off.
        try await stage.blocked.measure { try await next.flush() }
      },
      close: {
        publish()
        next.close()
      })
  }
}

/// A number that one task counts.
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
