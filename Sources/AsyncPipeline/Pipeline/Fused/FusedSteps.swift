/// Synchronous operators that give at most one element for each, as one type: the compiler sees through all of them at
/// once, and a chain costs as much as the calls of its closures.
///
/// A chain knows its types at compile time, as a `LazyMapSequence` of a `LazyFilterSequence` does. There is no need to
/// conform to this protocol: the operators of ``PipelineProtocol`` create its instances, once per run. All tasks that
/// emit at this point of the pipeline share them.
public protocol FusedSteps<Input, Output>: Sendable {
  associatedtype Input: Sendable
  associatedtype Output: Sendable

  /// The operators' names, in their order.
  static var names: [String] { get }

  /// Processes an element. Returns nil if the element was dropped, and throws if the run ends.
  func apply(to element: Input, _ context: FusedContext) throws -> Output?
}

/// No operator.
public struct NoSteps<Element: Sendable>: FusedSteps {
  @inlinable public static var names: [String] { [] }

  @inlinable
  init() {}

  @inlinable
  public func apply(to element: Element, _ context: FusedContext) throws -> Element? { element }
}

/// Two operators, or chains of them, in sequence.
public struct StepChain<First: FusedSteps, Second: FusedSteps>: FusedSteps where First.Output == Second.Input {
  @usableFromInline let first: First
  @usableFromInline let second: Second

  @inlinable
  init(_ first: First, _ second: Second) {
    (self.first, self.second) = (first, second)
  }

  @inlinable public static var names: [String] { First.names + Second.names }

  @inlinable @inline(__always)
  public func apply(to element: First.Input, _ context: FusedContext) throws -> Second.Output? {
    guard let element = try first.apply(to: element, context) else { return nil }
    return try second.apply(to: element, context)
  }
}
