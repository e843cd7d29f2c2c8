/// A description of work on a sequence of elements. Nothing happens until it is run by one of its sinks, ``forEach(on:_:)`` or
/// ``collect()``; each run starts afresh.
///
/// Synchronous operators (``map(_:)``, ``filter(_:)``, ``compactMap(_:)``) fuse into the stage before them and cost a function
/// call. ``mapAsync(width:order:_:)`` puts a bounded channel and a number of tasks between what is before it and what is
/// behind. Every buffer is bounded: a slow sink slows the source.
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
public struct Pipeline<Element: Sendable>: Sendable {
  @usableFromInline typealias EmitterFactory = @Sendable (StageCounters) -> Emitter<Element>

  /// Produces all elements, giving each of its tasks an emitter of its own, which the task flushes at the end. The counters
  /// that an emitter is made with are those of the stage that runs it.
  @usableFromInline let produce: @Sendable (PipelineRun, @escaping EmitterFactory) async throws -> Void
  /// The stages' names, from the source down.
  @usableFromInline let stageNames: [String]
  @usableFromInline var policy: FailurePolicy

  @inlinable
  init(
    stageNames: [String], policy: FailurePolicy = .failFast,
    produce: @escaping @Sendable (PipelineRun, @escaping EmitterFactory) async throws -> Void
  ) {
    self.stageNames = stageNames
    self.policy = policy
    self.produce = produce
  }

  /// What the whole pipeline does with elements whose closures throw; ``FailurePolicy/failFast`` unless it is said.
  @inlinable
  public func onFailure(_ policy: FailurePolicy) -> Pipeline {
    var pipeline = self
    pipeline.policy = policy
    return pipeline
  }
}
