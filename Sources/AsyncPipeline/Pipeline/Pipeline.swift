/// A description of work on a sequence of elements. Nothing happens until it is run by one of its sinks, such as
/// ``PipelineProtocol/forEach(on:buffered:drainsWhenCancelled:_:)`` or ``PipelineProtocol/collect()``; each run starts
/// afresh.
///
/// Synchronous operators (`map`, `filter`, `flatMap`, …) fuse into the stage before them and cost a function call for
/// all of them together. `mapAsync` puts a bounded channel and a number of tasks between what is before it and what is
/// behind. Every buffer is bounded: a slow sink slows the source.
///
/// Where an operator's description says how many elements wait, these are small ones, whose type has no references. An
/// element with references may hold any number of bytes, of which its type tells nothing: 32 of them wait at most in
/// one place. Behind ``PipelineProtocol/buffer(bytes:weight:)`` the number is one or two. Operators and sinks that take
/// a number hold as many as they are told.
///
/// ```swift
/// let report = try await Pipeline(urls)
///   .filter { $0.hasSuffix(".html") }
///   .mapAsync(width: 8) { try await fetch($0) }
///   .onFailure(.skip)
///   .forEach { print($0.count) }
/// ```
///
/// Cancelling the task that runs a pipeline ends all its tasks before the sink throws `CancellationError`.
/// ``PipelineProtocol/start(_:on:)`` runs it in a task of its own instead, and returns a handle to cancel, drain and
/// watch it.
public struct Pipeline<Element: Sendable>: Sendable {
  /// Builds what one run needs, from the source down.
  @usableFromInline let make: @Sendable (PipelineRun) -> Producer<Element>
  /// Nil as long as nothing was said.
  @usableFromInline var policy: FailurePolicy?

  /// - Parameter make: called once a run; instantiates what is before it, then makes its own stage.
  @inlinable
  init(policy: FailurePolicy? = nil, make: @escaping @Sendable (PipelineRun) -> Producer<Element>) {
    self.policy = policy
    self.make = make
  }

  /// What the whole pipeline does with elements whose closures throw; ``FailurePolicy/failFast`` unless it is said.
  @inlinable
  public func onFailure(_ policy: FailurePolicy) -> Pipeline {
    var pipeline = self
    pipeline.policy = policy
    return pipeline
  }
}
