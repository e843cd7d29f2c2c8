/// What a concurrent stage asks its run's resource when it begins.
@usableFromInline
package struct SharedStageSetup<Context: Sendable>: Sendable {
  /// One worker on each; at least one.
  @usableFromInline let executors: [any TaskExecutor]
  /// How many elements are between entry and exit at most, in the input's order. Nil for the order of completion.
  @usableFromInline let window: Int?
  /// A value that all workers share.
  @usableFromInline let context: Context

  @inlinable
  package init(executors: [any TaskExecutor], window: Int?, context: Context) {
    (self.executors, self.window, self.context) = (executors, window, context)
  }
}

extension SharedStageSetup where Context == Void {
  @inlinable
  package init(executors: [any TaskExecutor], window: Int?) {
    self.init(executors: executors, window: window, context: ())
  }
}

extension PipelineProtocol {
  /// Transforms elements concurrently by workers on the executors of the run's resource, each with a value of its own.
  ///
  /// As ``mapAsync(on:order:startingKey:open:_:)``, but the workers are set up when the run begins. A
  /// ``RunEndingFailure`` ends the run.
  ///
  /// - Parameters:
  ///   - make: makes the resource if no stage before has.
  ///   - outputsWaiting: how many outputs may wait behind the stage. Nil for a number that follows from their type.
  ///   - setUp: called once when the stage begins. If it throws, the run ends.
  ///   - open: makes a worker's value, on its task.
  @inlinable
  package func mapAsync<R: RunResource, Context: Sendable, Worker, Output: Sendable>(
    _ name: String, sharing make: @escaping @Sendable () -> R, outputsWaiting: Int?,
    setUp: @escaping @Sendable (R) async throws -> SharedStageSetup<Context>,
    startingKey: (@Sendable (Element) -> UInt64)? = nil,
    open: @escaping @Sendable (R, Context, StageMeter) -> Worker,
    _ transform: @escaping @Sendable (Worker, Element) async throws -> Output
  ) -> Pipeline<Output> {
    let bound = outputsWaiting.map { QueueBound.byCount($0, of: Output.self) } ?? .byType
    return erased.stage(name, sharing: make, bound: bound) { resource, instance, makeEmitter in
      let setup: SharedStageSetup<Context>
      do {
        setup = try await setUp(resource)
      } catch {
        throw instance.run.fatal(error, in: instance.counters)
      }
      let meter = StageMeter(instance.counters)
      let stage = ConcurrentStage<Element, Output, Worker>(
        executors: setup.executors, order: setup.window.map { .input(window: $0) } ?? .completion,
        startingKey: startingKey,
        resources: WorkerResources(open: { open(resource, setup.context, meter) }, close: { _ in }),
        work: ElementWork(transform))
      try await stage.run(instance, makeEmitter)
    }
  }
}
