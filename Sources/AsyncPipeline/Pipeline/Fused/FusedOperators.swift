import Synchronization

// Each operator with the step that performs it.

extension PipelineProtocol {
  @inlinable
  func adding<Step: FusedSteps>(
    _ makeStep: @escaping @Sendable () -> Step
  ) -> FusedPipeline<StepChain<Steps, Step>> where Step.Input == Element {
    let fused = fused
    return FusedPipeline(base: fused.base) { [makeSteps = fused.makeSteps] in StepChain(makeSteps(), makeStep()) }
  }
}

// MARK: map

extension PipelineProtocol {
  /// Transforms each element.
  ///
  /// - *emits* one element for each input element, in input order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `transform`: as the pipeline's policy says
  @inlinable
  public func map<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output
  ) -> FusedPipeline<StepChain<Steps, MapStep<Element, Output>>> {
    adding { MapStep(transform) }
  }
}

public struct MapStep<Input: Sendable, Output: Sendable>: FusedSteps {
  @usableFromInline let transform: @Sendable (Input) throws -> Output

  @inlinable public static var names: [String] { ["map"] }

  @inlinable
  init(_ transform: @escaping @Sendable (Input) throws -> Output) {
    self.transform = transform
  }

  @inlinable @inline(__always)
  public func apply(to element: Input, _ context: FusedContext) throws -> Output? {
    do {
      return try transform(element)
    } catch {
      try context.fail(error, in: "map", element)
      return nil
    }
  }
}

// MARK: compactMap

extension PipelineProtocol {
  /// Transforms each element, and drops nil results.
  ///
  /// - *emits* at most one element for each input element, in input order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `transform`: as the pipeline's policy says
  @inlinable
  public func compactMap<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output?
  ) -> FusedPipeline<StepChain<Steps, CompactMapStep<Element, Output>>> {
    adding { CompactMapStep(transform) }
  }
}

public struct CompactMapStep<Input: Sendable, Output: Sendable>: FusedSteps {
  @usableFromInline let transform: @Sendable (Input) throws -> Output?

  @inlinable public static var names: [String] { ["compactMap"] }

  @inlinable
  init(_ transform: @escaping @Sendable (Input) throws -> Output?) {
    self.transform = transform
  }

  @inlinable @inline(__always)
  public func apply(to element: Input, _ context: FusedContext) throws -> Output? {
    do {
      if let output = try transform(element) { return output }
      context.countFiltered()
    } catch {
      try context.fail(error, in: "compactMap", element)
    }
    return nil
  }
}

// MARK: filter

extension PipelineProtocol {
  /// Drops the elements for which `isIncluded` is false.
  ///
  /// - *emits* the other elements, in input order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `isIncluded`: as the pipeline's policy says
  @inlinable
  public func filter(
    _ isIncluded: @escaping @Sendable (Element) throws -> Bool
  ) -> FusedPipeline<StepChain<Steps, FilterStep<Element>>> {
    adding { FilterStep(isIncluded) }
  }
}

public struct FilterStep<Element: Sendable>: FusedSteps {
  @usableFromInline let isIncluded: @Sendable (Element) throws -> Bool

  @inlinable public static var names: [String] { ["filter"] }

  @inlinable
  init(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) {
    self.isIncluded = isIncluded
  }

  @inlinable @inline(__always)
  public func apply(to element: Element, _ context: FusedContext) throws -> Element? {
    do {
      if try isIncluded(element) { return element }
      context.countFiltered()
    } catch {
      try context.fail(error, in: "filter", element)
    }
    return nil
  }
}

// MARK: scan

extension PipelineProtocol {
  /// Combines each element with the previous result, and emits each result.
  ///
  /// The elements are combined in the order in which they arrive. Behind a stage in completion order that is any order.
  /// If several tasks emit at this point they combine one at a time, but their results may then arrive in another
  /// order.
  ///
  /// - *emits* one result for each input element; not the initial one
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `next`: as the pipeline's policy says; the result remains unchanged
  ///
  /// - Parameters:
  ///   - initial: what the first element of each run is combined with.
  ///   - next: called with a lock held.
  @inlinable
  public func scan<Result: Sendable>(
    _ initial: Result, _ next: @escaping @Sendable (Result, Element) throws -> Result
  ) -> FusedPipeline<StepChain<Steps, ScanStep<Element, Result>>> {
    adding { ScanStep(initial, next) }
  }
}

public struct ScanStep<Input: Sendable, Output: Sendable>: FusedSteps {
  @usableFromInline
  final class Result: Sendable {
    @usableFromInline let value: Mutex<Output>

    @inlinable
    init(_ initial: Output) {
      value = Mutex(initial)
    }
  }

  @usableFromInline let result: Result
  @usableFromInline let next: @Sendable (Output, Input) throws -> Output

  @inlinable public static var names: [String] { ["scan"] }

  @inlinable
  init(_ initial: Output, _ next: @escaping @Sendable (Output, Input) throws -> Output) {
    result = Result(initial)
    self.next = next
  }

  @inlinable
  public func apply(to element: Input, _ context: FusedContext) throws -> Output? {
    do {
      return try result.value.withLock { value in
        value = try next(value, element)
        return value
      }
    } catch {
      try context.fail(error, in: "scan", element)
      return nil
    }
  }
}
