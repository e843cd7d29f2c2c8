extension PipelineProtocol {
  /// Transforms each element.
  ///
  /// - *emits* one element for each that comes, in their order
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

  /// Transforms each element, and leaves those out that come to nil.
  ///
  /// - *emits* at most one element for each that comes, in their order
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

  /// Lets those elements pass for which `isIncluded` is true.
  ///
  /// - *emits* some of the elements, in their order
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

  /// Shows each element to a closure, and lets it pass.
  ///
  /// - *emits* the elements, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `look`: as the pipeline's policy says
  @inlinable
  public func tap(
    _ look: @escaping @Sendable (Element) throws -> Void
  ) -> FusedPipeline<StepChain<Steps, TapStep<Element>>> {
    adding { TapStep(look) }
  }

  /// Adds what `count` says to the bytes that the report gives for the stage that runs it, and lets all elements pass.
  ///
  /// - *emits* the elements, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* it cannot fail
  @inlinable
  public func countBytes(
    _ count: @escaping @Sendable (Element) -> Int
  ) -> FusedPipeline<StepChain<Steps, CountBytesStep<Element>>> {
    adding { CountBytesStep(count) }
  }

  /// Combines each element with what the one before came to, and passes on the result.
  ///
  /// The order is that in which the elements arrive: behind a stage in completion order it is any, and several tasks
  /// may be at it, one at a time, so that what is passed on may arrive in another order than it was combined in.
  ///
  /// - *emits* one result for each element that comes, and not the initial one
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* of `next`: as the pipeline's policy says; the result stays what it was
  ///
  /// - Parameters:
  ///   - initial: what the first element is combined with, in each run.
  ///   - next: called under a lock.
  @inlinable
  public func scan<Result: Sendable>(
    _ initial: Result, _ next: @escaping @Sendable (Result, Element) throws -> Result
  ) -> FusedPipeline<StepChain<Steps, ScanStep<Element, Result>>> {
    adding { ScanStep(initial, next) }
  }

  /// Lets the first `limit` elements pass, and ends what is before it.
  ///
  /// The first are those that arrive first: behind a stage in completion order any. The synchronous operators directly
  /// before it are called for no more elements than are needed, as long as one task emits there; what concurrent stages
  /// have begun is cancelled, and counted so.
  ///
  /// - *emits* no more than `limit` elements, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* when `limit` elements have been handed to the stage behind it, or with its input; the run goes on and
  ///   ends well
  /// - *on cancel* nothing of its own
  /// - *on failure* it cannot fail
  ///
  /// - Parameter limit: not negative. With 0 not even the source is started.
  @inlinable
  public func prefix(_ limit: Int) -> FusedPipeline<StepChain<Steps, PrefixStep<Element>>> {
    precondition(limit >= 0, "a prefix has no negative length")
    return adding { PrefixStep(limit) }
  }

  /// Leaves the first `count` elements out.
  ///
  /// The first are those that arrive first: behind a stage in completion order any.
  ///
  /// - *emits* all elements but the first, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* it cannot fail
  ///
  /// - Parameter count: not negative.
  @inlinable
  public func drop(_ count: Int) -> FusedPipeline<StepChain<Steps, DropStep<Element>>> {
    precondition(count >= 0, "no negative number of elements can be left out")
    return adding { DropStep(count) }
  }

  /// Makes each element into a sequence, and passes on what is in it.
  ///
  /// A sequence may be longer than any buffer, or endless: it is asked for the next element when there is room.
  ///
  /// - *emits* the elements of each sequence one after another, in the order of the elements that they were made from
  /// - *suspends* never; it runs in the task of the stage before it, which suspends in the middle of a sequence if the
  ///   stage behind has no room
  /// - *finishes* with its input
  /// - *on cancel* the rest of a sequence is not asked for
  /// - *on failure* of `transform`: as the pipeline's policy says
  @inlinable
  public func flatMap<Elements: Sequence & SendableMetatype>(
    _ transform: @escaping @Sendable (Element) throws -> Elements
  ) -> FusedPipeline<StepChain<Steps, FlatMapStep<Element, Elements>>> {
    adding { FlatMapStep(transform) }
  }

  @inlinable
  func adding<Step: FusedSteps>(
    _ makeStep: @escaping @Sendable () -> Step
  ) -> FusedPipeline<StepChain<Steps, Step>> where Step.Input == Element {
    let fused = fused
    return FusedPipeline(base: fused.base) { [makeSteps = fused.makeSteps] in StepChain(makeSteps(), makeStep()) }
  }
}
