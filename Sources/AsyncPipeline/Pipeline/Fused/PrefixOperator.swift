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
        do {
          try await upstream.produce {
            PrefixEmission(prefix, to: makeEmitter(), FusedContext(run: run, stage: upstream.stage)).emitter
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
}

/// A `prefix` before an emitter, in one task.
///
/// The task must flush when the last element has been accepted: the flush that delivers it ends the demand.
@usableFromInline
final class PrefixEmission<Element> {
  @usableFromInline let prefix: Prefix
  @usableFromInline let next: Emitter<Element>
  @usableFromInline let context: FusedContext
  /// The elements that the task has emitted since its last flush.
  @usableFromInline var emitted = 0

  @inlinable
  init(_ prefix: Prefix, to next: Emitter<Element>, _ context: FusedContext) {
    (self.prefix, self.next, self.context) = (prefix, next, context)
  }

  // The flush is a method: a closure with code behind its await changes the executor there, twice for each flush.
  @inlinable var emitter: Emitter<Element> {
    Emitter(
      stage: context.stage, accept: accept, flush: flush,
      close: {
        self.context.publish()
        self.next.close()
      })
  }

  @inlinable
  func accept(_ element: Element) throws -> Bool {
    let number = prefix.arrived.add(1, ordering: .relaxed).newValue
    if number > prefix.limit {
      context.countFiltered()
      return true
    }
    emitted += 1
    let mustFlush = try next.accept(element)
    return mustFlush || number == prefix.limit
  }

  @inlinable
  func flush() async throws {
    context.publish()
    try await next.flush()
    let count = emitted
    emitted = 0
    if prefix.delivered.add(count, ordering: .relaxed).newValue == prefix.limit { throw EndOfDemand(prefix.demand) }
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
