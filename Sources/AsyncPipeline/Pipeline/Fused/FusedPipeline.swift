/// A pipeline whose last operators are synchronous, and are run together by the stage before them.
///
/// A further synchronous operator extends their chain; it costs no more than if its closure had been called by theirs.
public struct FusedPipeline<Steps: FusedSteps>: Sendable {
  @usableFromInline var base: Pipeline<Steps.Input>
  /// Called once a run.
  @usableFromInline let makeSteps: @Sendable () -> Steps

  @inlinable
  init(base: Pipeline<Steps.Input>, makeSteps: @escaping @Sendable () -> Steps) {
    (self.base, self.makeSteps) = (base, makeSteps)
  }

  @inlinable public var erased: Pipeline<Steps.Output> {
    let (make, makeSteps) = (base.make, makeSteps)
    return Pipeline(policy: base.policy) { run in
      let upstream = make(run)
      let steps = makeSteps()
      upstream.stage.add(operators: Steps.names)
      return Producer(stage: upstream.stage, bound: upstream.bound) { makeEmitter in
        if Steps.ends && steps.isDone { return }
        let demand = Demand()
        do {
          try await upstream.produce {
            FusedEmission(steps, to: makeEmitter(), demand, FusedContext(run: run, stage: upstream.stage)).emitter
          }
        } catch let end as EndOfDemand where end.demand === demand {
          // Enough elements have arrived. What was under way before the steps has been cancelled.
        }
      }
    }
  }
}

/// The wish of some steps for elements, in one run.
@usableFromInline
final class Demand: Sendable {
  @inlinable
  init() {}
}

/// Thrown to who emits when all elements have arrived that were wanted; caught where the demand was made.
@usableFromInline
struct EndOfDemand: Error {
  @usableFromInline let demand: Demand

  @inlinable
  init(_ demand: Demand) {
    self.demand = demand
  }
}
