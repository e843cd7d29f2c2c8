/// Makes an emitter. Each task of a stage calls it for itself.
@usableFromInline typealias EmitterFactory<Element> = @Sendable () -> Emitter<Element>

/// A pipeline in one run, from its sources to some stage: passes that stage's output to emitters.
@usableFromInline
struct Producer<Element: Sendable>: Sendable {
  /// The last stage, which also runs the fused operators behind it.
  @usableFromInline let stage: StageCounters
  /// What bounds the elements in the queue behind the stage.
  @usableFromInline let bound: QueueBound
  /// Produces all elements; returns when they have been passed on and no task is left. Each of its tasks makes an
  /// emitter.
  @usableFromInline let produce: @Sendable (_ makeEmitter: @escaping EmitterFactory<Element>) async throws -> Void

  @inlinable
  init(
    stage: StageCounters, bound: QueueBound = .byType,
    produce: @escaping @Sendable (_ makeEmitter: @escaping EmitterFactory<Element>) async throws -> Void
  ) {
    (self.stage, self.bound, self.produce) = (stage, bound, produce)
  }
}

extension Pipeline {
  /// A pipeline with one more stage.
  ///
  /// - Parameter produce: runs the stage and what is before it, and accounts for the elements: see ``ElementToken``.
  @inlinable
  func stage<Output: Sendable>(
    _ name: String,
    produce:
      @escaping @Sendable (_ instance: StageInstance<Element>, _ makeEmitter: @escaping EmitterFactory<Output>)
      async throws -> Void
  ) -> Pipeline<Output> {
    Pipeline<Output>(policy: policy) { run in
      let upstream = make(run)
      let instance = StageInstance(run: run, upstream: upstream, counters: run.addStage(name))
      return Producer(stage: instance.counters, bound: upstream.bound.behind) { makeEmitter in
        try await produce(instance, makeEmitter)
      }
    }
  }

  /// The same for a stage that uses a resource of the run.
  ///
  /// - Parameters:
  ///   - make: makes the resource if no stage before has.
  ///   - bound: of the elements that wait behind the stage, unless a buffer before it bounds them by their weight.
  @inlinable
  func stage<Output: Sendable, R: RunResource>(
    _ name: String, sharing make: @escaping @Sendable () -> R, bound: QueueBound = .byType,
    produce:
      @escaping @Sendable (
        _ resource: R, _ instance: StageInstance<Element>, _ makeEmitter: @escaping EmitterFactory<Output>
      ) async throws -> Void
  ) -> Pipeline<Output> {
    Pipeline<Output>(policy: policy) { run in
      let upstream = self.make(run)
      let resource = run.resource(orKeeping: make)
      let instance = StageInstance(run: run, upstream: upstream, counters: run.addStage(name))
      return Producer(stage: instance.counters, bound: upstream.bound.isByNumber ? bound : .few) { makeEmitter in
        try await produce(resource, instance, makeEmitter)
      }
    }
  }
}

/// A stage in one run: what is before it, and its counters.
@usableFromInline
struct StageInstance<Input: Sendable>: Sendable {
  @usableFromInline let run: PipelineRun
  @usableFromInline let upstream: Producer<Input>
  @usableFromInline let counters: StageCounters

  @inlinable
  init(run: PipelineRun, upstream: Producer<Input>, counters: StageCounters) {
    (self.run, self.upstream, self.counters) = (run, upstream, counters)
  }
}
