extension PipelineProtocol {
  /// Transforms each element into a sequence, and emits the elements of the sequences.
  ///
  /// A sequence may be longer than any buffer, or infinite: the next element is requested when there is room for it.
  ///
  /// - *emits* the elements of one sequence after another, in the order of the elements that the sequences are from
  /// - *suspends* never; it runs in the task of the stage before it, which suspends in the middle of a sequence while
  ///   the stage behind has no room
  /// - *finishes* with its input
  /// - *on cancel* the rest of a sequence is not requested
  /// - *on failure* of `transform`: as the pipeline's policy says
  @inlinable
  public func flatMap<Elements: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Element) throws -> Elements
  ) -> Pipeline<Elements.Element> where Elements.Element: Sendable {
    erased.inline(["flatMap"]) { { next, context in FlatMapEmission(transform, to: next, context).emitter } }
  }
}

/// A `flatMap` before an emitter, in one task.
///
/// When the emitter is full the rest of the sequence stays in its iterator, and `flush` continues with it. So a
/// sequence needs no more memory than its iterator.
@usableFromInline
final class FlatMapEmission<Input, Elements: Sequence> {
  /// How many elements are requested before other tasks get a turn, if the emitter never suspends meanwhile.
  @inlinable static var elementsPerTurn: Int { 1024 }

  @usableFromInline let transform: @Sendable (Input) throws -> Elements
  @usableFromInline let next: Emitter<Elements.Element>
  @usableFromInline let context: FusedContext
  /// The rest of the sequence that the last element was transformed into.
  @usableFromInline var rest: Elements.Iterator?
  @usableFromInline var elementsInTurn = 0

  @inlinable
  init(
    _ transform: @escaping @Sendable (Input) throws -> Elements, to next: Emitter<Elements.Element>,
    _ context: FusedContext
  ) {
    (self.transform, self.next, self.context) = (transform, next, context)
  }

  @inlinable var emitter: Emitter<Input> {
    Emitter(
      stage: context.stage, accept: accept, flush: flush,
      close: {
        self.context.publish()
        self.next.close()
      })
  }

  @inlinable
  func accept(_ element: Input) throws -> Bool {
    var iterator: Elements.Iterator
    do {
      iterator = try transform(element).makeIterator()
    } catch {
      try context.fail(error, in: "flatMap", element)
      return context.routed != nil
    }
    guard let first = iterator.next() else {
      context.countFiltered()
      return false
    }
    let mustFlush = try next.accept(first)
    rest = consume iterator
    return try mustFlush || emitRest()
  }

  /// Emits elements of the sequence until it is exhausted, or a flush is needed before the next: true.
  @inlinable
  func emitRest() throws -> Bool {
    // The iterator is moved, so that it is not copied when it changes.
    guard var iterator = rest.take() else { return false }
    for _ in 0..<Self.elementsPerTurn {
      guard let element = iterator.next() else { return false }
      context.expanded += 1
      elementsInTurn += 1
      if try next.accept(element) {
        rest = consume iterator
        return true
      }
    }
    rest = consume iterator
    return true
  }

  @inlinable
  func flush() async throws {
    while true {
      context.publish()
      try await context.deliverRouted()
      try await next.flush()
      if rest == nil { return }
      try Task.checkCancellation()
      if elementsInTurn >= Self.elementsPerTurn {
        elementsInTurn = 0
        await Task.yield()
      }
      _ = try emitRest()
    }
  }
}
