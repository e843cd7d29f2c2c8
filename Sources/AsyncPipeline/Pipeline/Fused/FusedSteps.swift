/// Synchronous operators as one type, made afresh for each run: the compiler sees through all of them at once, and a
/// chain costs what the calls of its closures cost.
///
/// A chain knows its types at compile time, as a `LazyMapSequence` of a `LazyFilterSequence` does. There is no need to
/// conform to this protocol: the operators of ``PipelineProtocol`` make its instances.
///
/// All tasks that emit at the place share the steps; what is one task's own is in `Pending`.
public protocol FusedSteps<Input, Output>: Sendable {
  associatedtype Input: Sendable
  associatedtype Output: Sendable
  /// What a task keeps from one element to the next.
  associatedtype Pending

  /// The operators' names, in their order.
  static var names: [String] { get }
  /// Whether one element can become several. If not, ``pull(_:_:)`` is never called.
  static var expands: Bool { get }
  /// Whether there may be enough elements at some time. If not, ``isDone`` is never asked.
  static var ends: Bool { get }

  func makePending() -> Pending

  /// Takes an element. Nil if it was left out, or if what it has become is to be pulled.
  func push(_ element: Input, _ pending: inout Pending, _ context: FusedContext) throws -> Output?

  /// What is left of the element that was pushed last.
  func pull(_ pending: inout Pending, _ context: FusedContext) throws -> FusedPull<Output>

  /// Whether no further element can pass.
  var isDone: Bool { get }

  /// All that has passed in the task so far is where it was to go.
  ///
  /// - Returns: whether that holds for all tasks, and no further element can pass.
  func didDeliver(_ pending: inout Pending) -> Bool
}

/// What is left of an element that became several.
public enum FusedPull<Output> {
  case element(Output)
  /// One was left out. There may be more.
  case leftOut
  case exhausted
}

extension FusedSteps {
  @inlinable public static var expands: Bool { false }
  @inlinable public static var ends: Bool { false }
  @inlinable public var isDone: Bool { false }

  @inlinable
  public func pull(_ pending: inout Pending, _ context: FusedContext) throws -> FusedPull<Output> { .exhausted }

  @inlinable
  public func didDeliver(_ pending: inout Pending) -> Bool { false }
}

extension FusedSteps where Pending == Void {
  @inlinable
  public func makePending() {}
}

/// No operator at all.
public struct NoSteps<Element: Sendable>: FusedSteps {
  @inlinable public static var names: [String] { [] }

  @inlinable
  init() {}

  @inlinable
  public func push(_ element: Element, _ pending: inout Void, _ context: FusedContext) throws -> Element? { element }
}

/// One after the other.
public struct StepChain<First: FusedSteps, Second: FusedSteps>: FusedSteps where First.Output == Second.Input {
  @usableFromInline let first: First
  @usableFromInline let second: Second

  @inlinable
  init(_ first: First, _ second: Second) {
    (self.first, self.second) = (first, second)
  }

  @inlinable public static var names: [String] { First.names + Second.names }
  @inlinable public static var expands: Bool { First.expands || Second.expands }
  @inlinable public static var ends: Bool { First.ends || Second.ends }

  @inlinable
  public func makePending() -> (First.Pending, Second.Pending) { (first.makePending(), second.makePending()) }

  @inlinable @inline(__always)
  public func push(
    _ element: First.Input, _ pending: inout (First.Pending, Second.Pending), _ context: FusedContext
  ) throws -> Second.Output? {
    guard let element = try first.push(element, &pending.0, context) else { return nil }
    return try second.push(element, &pending.1, context)
  }

  @inlinable
  public func pull(
    _ pending: inout (First.Pending, Second.Pending), _ context: FusedContext
  ) throws -> FusedPull<Second.Output> {
    if Second.expands {
      let pulled = try second.pull(&pending.1, context)
      if case .exhausted = pulled {} else { return pulled }
    }
    if !First.expands || (Second.ends && second.isDone) { return .exhausted }
    switch try first.pull(&pending.0, context) {
    case .element(let element): return try second.push(element, &pending.1, context).map { .element($0) } ?? .leftOut
    case .leftOut: return .leftOut
    case .exhausted: return .exhausted
    }
  }

  @inlinable public var isDone: Bool { (First.ends && first.isDone) || (Second.ends && second.isDone) }

  @inlinable
  public func didDeliver(_ pending: inout (First.Pending, Second.Pending)) -> Bool {
    let isFirstOver = First.ends && first.didDeliver(&pending.0)
    let isSecondOver = Second.ends && second.didDeliver(&pending.1)
    return isFirstOver || isSecondOver
  }
}
