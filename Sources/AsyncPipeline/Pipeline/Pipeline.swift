/// A description of work on a sequence of elements. Nothing happens until one of its sinks runs it, such as
/// ``PipelineProtocol/forEach(on:buffered:drainsWhenCancelled:_:)`` or ``PipelineProtocol/collect()``. Runs are
/// independent of each other.
///
/// Synchronous operators (`map`, `filter`, `flatMap`, …) run in the tasks of the stage before them; neighbours such as
/// `map`, `filter` and `scan` are compiled into one function. Concurrent operators such as `mapAsync` add a bounded
/// channel and a number of tasks. Every buffer is bounded: a slow sink slows the source.
///
/// The number of waiting elements that an operator's description gives is for small elements, whose type contains no
/// references. An element with references may hold any number of bytes, about which its type says nothing: at most 32
/// of them wait in a queue. Behind ``PipelineProtocol/buffer(bytes:weight:)`` the number is one or two. Operators and
/// sinks with a parameter for the number hold as many as it says.
///
/// ```swift
/// let report = try await Pipeline(urls)
///   .filter { $0.hasSuffix(".html") }
///   .mapAsync(width: 8) { try await fetch($0) }
///   .onFailure(.skip)
///   .forEach { print($0.count) }
/// ```
///
/// If the task that runs a pipeline is cancelled, all tasks of the run end before the sink throws `CancellationError`.
/// ``PipelineProtocol/start(_:on:)`` runs the pipeline in a task of its own instead, and returns a handle to cancel,
/// drain and watch it.
public struct Pipeline<Element: Sendable>: Sendable {
  /// Builds the stages of one run, from the source down.
  @usableFromInline let make: @Sendable (PipelineRun) -> Producer<Element>
  /// Nil until ``onFailure(_:)`` sets it.
  @usableFromInline var policy: FailurePolicy?

  /// - Parameter make: called once per run; builds the stages before its own, then its own.
  @inlinable
  init(policy: FailurePolicy? = nil, make: @escaping @Sendable (PipelineRun) -> Producer<Element>) {
    self.policy = policy
    self.make = make
  }

  /// Sets what the whole pipeline does with elements whose closures throw. The default is ``FailurePolicy/failFast``.
  @inlinable
  public func onFailure(_ policy: FailurePolicy) -> Pipeline {
    var pipeline = self
    pipeline.policy = policy
    return pipeline
  }
}

/// The common interface of ``Pipeline`` and of ``FusedPipeline``, a pipeline that ends in synchronous operators.
///
/// Operators and sinks are extensions of this protocol. Use `some PipelineProtocol<Element>` as the type of parameters
/// and results to hide a pipeline's operators, and ``erased`` where one type is needed.
public protocol PipelineProtocol<Element>: Sendable {
  associatedtype Element: Sendable
  /// The synchronous operators at the pipeline's end.
  associatedtype Steps: FusedSteps where Steps.Output == Element

  /// The same pipeline, with its last synchronous operators as a separate value.
  var fused: FusedPipeline<Steps> { get }

  /// The same pipeline without its operators' types. Synchronous operators that are added to it form a separate chain.
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
  /// Sets what the whole pipeline does with elements whose closures throw. The default is ``FailurePolicy/failFast``.
  @inlinable
  public func onFailure(_ policy: FailurePolicy) -> FusedPipeline<Steps> {
    var pipeline = fused
    pipeline.base.policy = policy
    return pipeline
  }
}
