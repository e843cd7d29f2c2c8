/// Where the elements of one producer go: a chain of synchronous steps that ends in a buffer, and what empties the buffer.
///
/// Fused operators wrap `accept`, so that an element passes all of them by plain function calls; only when the buffer at the
/// end is full does the producer suspend, in `flush`. An emitter belongs to one task.
@usableFromInline
struct Emitter<Element> {
  /// Takes an element. True if the producer must `flush` before it goes on.
  @usableFromInline let accept: (Element) throws -> Bool
  /// Passes on what the buffer holds; suspends while there is no room for it. Throws `CancellationError` if the task is
  /// cancelled while it waits, or nobody wants the elements any more.
  @usableFromInline let flush: () async throws -> Void

  @inlinable
  init(accept: @escaping (Element) throws -> Bool, flush: @escaping () async throws -> Void) {
    self.accept = accept
    self.flush = flush
  }

  /// Takes an element, and suspends if need be. Throws `CancellationError` if the task was cancelled: where there is always
  /// room, or a filter lets nothing pass, nobody else would notice.
  @inlinable
  func emit(_ element: Element) async throws {
    try Task.checkCancellation()
    if try accept(element) { try await flush() }
  }

  /// Takes a batch, for which it looks at the task once.
  @inlinable
  func emit(contentsOf batch: [Element]) async throws {
    try Task.checkCancellation()
    for element in batch where try accept(element) { try await flush() }
  }
}

/// Elements on their way to a place that takes them by the batch.
@usableFromInline
final class BatchBuffer<Element: Sendable> {
  /// Elements that cross to another task together. A crossing costs some 100 ns and an element some 10, so that 64 elements
  /// share what one would pay.
  @inlinable static var defaultSize: Int { 64 }

  @usableFromInline var elements: [Element] = []
  @usableFromInline let size: Int

  @inlinable
  init(size: Int = defaultSize) {
    self.size = size
    elements.reserveCapacity(size)
  }

  /// True if the buffer is full.
  @inlinable
  func append(_ element: Element) -> Bool {
    elements.append(element)
    return elements.count >= size
  }

  @inlinable
  func takeAll() -> [Element] {
    defer { elements = [] }
    return elements
  }
}

extension Emitter where Element: Sendable {
  /// Collects batches, counts them as the stage's output, and hands them to `deliver`.
  @inlinable
  static func batching(
    from stage: StageCounters, size: Int = BatchBuffer<Element>.defaultSize,
    _ deliver: @escaping ([Element]) async throws -> Void
  ) -> Emitter {
    let buffer = BatchBuffer<Element>(size: size)
    return Emitter(accept: buffer.append) {
      let batch = buffer.takeAll()
      if batch.isEmpty { return }
      stage.add(output: batch.count)
      try await deliver(batch)
    }
  }

  /// Sends batches to a channel.
  @inlinable
  static func sending(to channel: Channel<Element>, from stage: StageCounters) -> Emitter {
    batching(from: stage) { batch in
      guard case .sent = await channel.send(contentsOf: batch) else { throw CancellationError() }
    }
  }
}
