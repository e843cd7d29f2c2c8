/// Makes an emitter for one task.
@usableFromInline typealias EmitterFactory<Element> = @Sendable () -> Emitter<Element>

/// The part of one run from its source down to some stage: gives that stage's elements to emitters.
@usableFromInline
struct Producer<Element: Sendable>: Sendable {
  /// The stage whose output the elements are, and which runs the fused operators behind it.
  @usableFromInline let stage: StageCounters
  /// What bounds the elements in the queue behind it.
  @usableFromInline let bound: QueueBound
  /// Produces all elements; returns when they are out and no task is left. Each of its tasks takes an emitter of its
  /// own.
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
  /// - Parameter produce: runs the stage with all that is before it, and counts: see ``StageCounters``.
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
}

/// A stage in one run: what is before it, and what it counts with.
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
