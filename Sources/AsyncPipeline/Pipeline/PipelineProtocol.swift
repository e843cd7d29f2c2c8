/// What all pipelines can do: ``Pipeline``, and those whose last operators are fused, ``FusedPipeline``.
///
/// Operators and sinks are extensions of it. Write `some PipelineProtocol<Element>` where a function takes or returns a
/// pipeline whose operators are its own business, and ``erased`` where one type is needed.
public protocol PipelineProtocol<Element>: Sendable {
  associatedtype Element: Sendable
  /// The synchronous operators at the end, as one type.
  associatedtype Steps: FusedSteps where Steps.Output == Element

  /// The same pipeline, taken apart before its last synchronous operators.
  var fused: FusedPipeline<Steps> { get }

  /// The same pipeline, its operators hidden. Synchronous operators that are added to it are a chain of their own.
  var erased: Pipeline<Element> { get }
}

extension Pipeline: PipelineProtocol {
  @inlinable public var fused: FusedPipeline<NoSteps<Element>> { FusedPipeline(base: self) { NoSteps() } }
  @inlinable public var erased: Pipeline { self }
}

extension FusedPipeline: PipelineProtocol {
  @inlinable public var fused: FusedPipeline { self }
}

extension PipelineProtocol {
  /// What the whole pipeline does with elements whose closures throw; ``FailurePolicy/failFast`` unless it is said.
  @inlinable
  public func onFailure(_ policy: FailurePolicy) -> FusedPipeline<Steps> {
    var pipeline = fused
    pipeline.base.policy = policy
    return pipeline
  }
}
