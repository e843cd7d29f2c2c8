import Synchronization

extension PipelineProtocol {
  /// Emits the first `limit` elements, and ends the stages before it.
  ///
  /// The first elements are those that arrive first: behind a stage in completion order, any. As long as one task emits
  /// at this point, the synchronous operators directly before it are called for no more elements than are needed;
  /// elements that concurrent stages have started are cancelled, and counted as such.
  ///
  /// - *emits* at most `limit` elements, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *finishes* when `limit` elements have been passed to the stage behind it, or with its input; the run continues,
  ///   and succeeds
  /// - *on cancel* nothing of its own
  /// - *on failure* it cannot fail
  ///
  /// - Parameter limit: not negative. With 0 the source is not even started.
  @inlinable
  public func prefix(_ limit: Int) -> Pipeline<Element> {
    precondition(limit >= 0, "a prefix has no negative length")
    let pipeline = erased
    return Pipeline(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      upstream.stage.add(operators: ["prefix"])
      let prefix = Prefix(limit)
      return Producer(stage: upstream.stage, bound: upstream.bound) { makeEmitter in
        if limit == 0 { return }
        // No function with a closure for this catch: called through one, each flush changes the executor.
        do {
          try await upstream.produce {
            prefix.emitter(to: makeEmitter(), FusedContext(run: run, stage: upstream.stage))
          }
        } catch let end as EndOfDemand where end.demand === prefix.demand {
          // Enough elements have been delivered. The stages before have been cancelled.
        }
      }
    }
  }
}

/// A `prefix` in one run, for all tasks that emit there.
@usableFromInline
final class Prefix: Sendable {
  @usableFromInline let limit: Int
  @usableFromInline let demand = Demand()
  /// Elements that have arrived, the surplus included.
  @usableFromInline let arrived = Atomic<Int>(0)
  /// Elements that were emitted and flushed.
  @usableFromInline let delivered = Atomic<Int>(0)

  @inlinable
  init(_ limit: Int) {
    self.limit = limit
  }

  /// For one task. It must flush when the last element has been accepted: the flush that delivers it ends the demand.
  @inlinable
  func emitter<Element>(to next: Emitter<Element>, _ context: FusedContext) -> Emitter<Element> {
    /// The elements that the task has emitted since its last flush.
    let emitted = LocalCount()
    return Emitter(
      stage: context.stage,
      accept: { [self] element in
        let number = arrived.add(1, ordering: .relaxed).newValue
        if number > limit {
          context.countFiltered()
          return true
        }
        emitted.value += 1
        let mustFlush = try next.accept(element)
        return mustFlush || number == limit
      },
      flush: { [self] in
        context.publish()
        try await next.flush()
        if delivered.add(emitted.take(), ordering: .relaxed).newValue == limit { throw EndOfDemand(demand) }
      },
      close: {
        context.publish()
        next.close()
      })
  }
}

/// The demand of a stage for elements, in one run.
@usableFromInline
final class Demand: Sendable {
  @inlinable
  init() {}
}

/// Thrown to an emitting task when all elements that were demanded have been delivered; caught by the demanding stage.
@usableFromInline
struct EndOfDemand: Error {
  @usableFromInline let demand: Demand

  @inlinable
  init(_ demand: Demand) {
    self.demand = demand
  }
}
