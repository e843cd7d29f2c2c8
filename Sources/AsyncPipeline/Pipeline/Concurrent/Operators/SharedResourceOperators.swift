/// How a concurrent stage over a run's resource is set up, which only the resource can tell.
@usableFromInline
package struct SharedStageSetup<Context: Sendable>: Sendable {
  /// One worker on each; at least one.
  @usableFromInline let executors: [any TaskExecutor]
  /// How many elements are between entry and exit at most, in the input's order. Nil for the order of completion.
  @usableFromInline let window: Int?
  /// What the workers share.
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
  /// As ``mapAsync(on:order:startingKey:open:_:)``, but what the workers are is found out when the run begins. A
  /// ``RunEndingFailure`` ends the run.
  ///
  /// - Parameters:
  ///   - make: makes the resource if no stage before this one has.
  ///   - outputsWaiting: how many outputs may wait behind the stage. Nil for as many as their type says.
  ///   - setUp: called once when the stage begins. If it throws the run ends.
  ///   - open: makes a worker's value, on its task.
  @inlinable
  package func mapAsync<R: RunResource, Context: Sendable, Worker, Output: Sendable>(
    _ name: String, sharing make: @escaping @Sendable () -> R, outputsWaiting: Int?,
    setUp: @escaping @Sendable (R) async throws -> SharedStageSetup<Context>,
    startingKey: (@Sendable (Element) -> UInt64)? = nil,
    open: @escaping @Sendable (R, Context, StageMeter) -> Worker,
    _ transform: @escaping @Sendable (Worker, Element) async throws -> Output
  ) -> Pipeline<Output> {
    let pipeline = erased
    return Pipeline<Output>(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      let resource = run.resource(orKeeping: make)
      let instance = StageInstance(run: run, upstream: upstream, counters: run.addStage(name))
      let bound = outputsWaiting.map { QueueBound.byCount($0, of: Output.self) } ?? .byType
      return Producer(stage: instance.counters, bound: upstream.bound.isByNumber ? bound : .few) { makeEmitter in
        let setup: SharedStageSetup<Context>
        do {
          setup = try await setUp(resource)
        } catch {
          throw run.fatal(error, in: instance.counters)
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
}
