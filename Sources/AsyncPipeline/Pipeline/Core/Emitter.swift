/// Where the elements of one task go: a chain of synchronous steps that ends in a buffer, and what empties the buffer.
///
/// An element passes the steps by plain function calls; only when the buffer at the end is full does the task suspend,
/// in `flush`. An emitter belongs to one task, which closes it in the end: see ``withEmitter(_:_:)``.
///
/// From `accept` on an element is accounted for by the emitter, whether that returns or throws; before, by the task.
@usableFromInline
struct Emitter<Element> {
  /// The stage that emits.
  @usableFromInline let stage: StageCounters
  /// Takes an element. True if the task must `flush` before it goes on.
  @usableFromInline let accept: (Element) throws -> Bool
  /// Takes an element, and passes it on at once if that needs no waiting. True if the task must `flush`: it then waits
  /// for no further elements.
  @usableFromInline let pass: (Element) throws -> Bool
  /// Passes on what the buffer holds; suspends while there is no room for it. Throws `CancellationError` if the task is
  /// cancelled while it waits, and ``EndOfDemand`` if no more elements are wanted.
  @usableFromInline let flush: () async throws -> Void
  /// The task emits no more. What is still in the buffer is counted as cancelled.
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

  /// Takes an element, and suspends if need be. Throws `CancellationError` if the task was cancelled: where there is
  /// always room, or a filter lets nothing pass, nobody else would notice. An element that was not taken is counted as
  /// cancelled.
  @inlinable
  func emit(_ element: Element) async throws {
    if Task.isCancelled {
      stage.add(cancelled: 1)
      throw CancellationError()
    }
    if try accept(element) { try await flush() }
  }

  /// Takes a batch, for which it looks at the task once.
  @inlinable
  func emit(contentsOf batch: [Element]) async throws {
    var taken = 0
    do {
      try Task.checkCancellation()
      for element in batch {
        taken += 1
        if try accept(element) { try await flush() }
      }
    } catch {
      stage.add(cancelled: batch.count - taken)
      throw error
    }
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
