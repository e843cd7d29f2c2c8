extension Stage {
  /// A stage that passes the output of this one to another: two in one task, with no queue between them.
  ///
  /// Failures have the name of the part in which they occur, and an element that fails in one of them is treated as if
  /// they were two stages. In the report they are one.
  @inlinable
  public func then<Next: Stage>(_ next: Next) -> StageChain<Self, Next> where Next.Input == Output {
    StageChain(self, next)
  }
}

/// Two stages as one: see ``Stage/then(_:)``.
public struct StageChain<First: Stage, Second: Stage>: Stage where First.Output == Second.Input {
  public let name: String
  /// True if both parts emit together.
  public let emitsTogether: Bool
  @usableFromInline var first: First
  /// Nil while the first is running: a ``Link`` has it then.
  @usableFromInline var second: Second?

  @inlinable
  init(_ first: First, _ second: Second) {
    name = "\(first.name) + \(second.name)"
    emitsTogether = first.emitsTogether && second.emitsTogether
    (self.first, self.second) = (first, second)
  }

  @concurrent
  @inlinable
  public mutating func process(_ element: First.Input, in context: StageContext<Second.Output>) async throws {
    let link = Link(from: &second, context)
    defer { second = link.second }
    try await context.ledger.process(element, by: &first, in: link.entrance)
    // The parts have accounted for the element.
    context.keep()
  }

  @concurrent
  @inlinable
  public mutating func finish(in context: StageContext<Second.Output>) async throws {
    let link = Link(from: &second, context)
    defer { second = link.second }
    try await context.ledger.finish(&first, in: link.entrance)
    try await context.ledger.finish(&link.second, in: context)
  }

  /// Holds the second stage while the first may emit to it.
  @usableFromInline
  final class Link {
    @usableFromInline var second: Second
    @usableFromInline let context: StageContext<Second.Output>

    /// Moves the stage out of `second`, so that its state has one owner and is changed in place.
    @inlinable
    init(from second: inout Second?, _ context: StageContext<Second.Output>) {
      self.second = second.take()!
      self.context = context
    }

    @inlinable var entrance: StageContext<Second.Input> {
      let next = StageContext<Second.Input>.Delivery.stage { [self] element in
        try await context.ledger.process(element, by: &second, in: context)
      }
      return StageContext(context.ledger, to: next, flush: context.flushOutputs)
    }
  }
}
