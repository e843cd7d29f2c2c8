extension PipelineProtocol {
  /// Transforms elements concurrently, by `width` tasks.
  ///
  /// - *emits* one element for each that comes, in the order that `order` says
  /// - *suspends* the stage before it while `width` elements are at work and a bounded number waits
  /// - *finishes* when the last element is transformed
  /// - *on cancel* the tasks are cancelled, and waited for
  /// - *on failure* of `transform`: as the pipeline's policy says
  ///
  /// - Parameters:
  ///   - width: how many elements are at work at once; at least 1.
  ///   - order: of what comes out.
  @inlinable
  public func mapAsync<Output: Sendable>(
    width: Int, order: OutputOrder = .input,
    _ transform: @escaping @Sendable (Element) async throws -> Output
  ) -> Pipeline<Output> {
    precondition(width > 0, "a concurrent stage has at least one worker")
    return concurrent(
      executors: Array(repeating: nil, count: width), order: order, startingKey: nil, open: {},
      transform: { _, element in try await transform(element) })
  }

  /// Transforms elements concurrently, by one task on each of `executors`, each with a resource of its own: a buffer, a
  /// connection.
  ///
  /// It emits, suspends, finishes, and takes cancellation and failures as ``mapAsync(width:order:_:)`` does.
  ///
  /// - Parameters:
  ///   - executors: where the tasks run; an executor that stands in it several times gets as many tasks.
  ///   - order: of what comes out.
  ///   - startingKey: with the input's order, elements are started in ascending order of this key, a quarter of the window at a
  ///     time: by their place on a disk, say. What comes out keeps the input's order. A source that gives its elements one by
  ///     one, as an asynchronous sequence does, leaves nothing to be ordered.
  ///   - open: makes a task's resource, on that task, which alone uses it.
  @inlinable
  public func mapAsync<Resource, Output: Sendable>(
    on executors: [any TaskExecutor], order: OutputOrder = .input,
    startingKey: (@Sendable (Element) -> UInt64)? = nil, open: @escaping @Sendable () -> Resource,
    _ transform: @escaping @Sendable (Resource, Element) async throws -> Output
  ) -> Pipeline<Output> {
    precondition(!executors.isEmpty, "a concurrent stage has at least one worker")
    return concurrent(
      executors: executors, order: order, startingKey: startingKey, open: open, transform: transform)
  }

  @inlinable
  func concurrent<Resource, Output: Sendable>(
    executors: [(any TaskExecutor)?], order: OutputOrder, startingKey: (@Sendable (Element) -> UInt64)?,
    open: @escaping @Sendable () -> Resource, transform: @escaping @Sendable (Resource, Element) async throws -> Output
  ) -> Pipeline<Output> {
    let stage = ConcurrentStage(
      executors: executors, order: order, startingKey: startingKey, open: open, transform: transform)
    return erased.stage("mapAsync") { instance, makeEmitter in try await stage.run(instance, makeEmitter) }
  }
}
