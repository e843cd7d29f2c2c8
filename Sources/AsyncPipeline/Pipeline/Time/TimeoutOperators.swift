/// The failure of an element, or of a run, that took too long.
public enum PipelineTimeout: Error, Hashable {
  /// An attempt to process an element did not complete within this time.
  case element(Duration)
  /// No element arrived for this time.
  case idle(Duration)
  /// Not all elements had arrived after this time.
  case total(Duration)
}

extension PipelineTimeout: CustomStringConvertible {
  public var description: String {
    switch self {
    case .element(let duration): "not completed within \(duration)"
    case .idle(let duration): "no element arrived for \(duration)"
    case .total(let duration): "not all elements arrived within \(duration)"
    }
  }
}

extension PipelineProtocol {
  /// Ends the run if no element arrives for some time.
  ///
  /// Counts the time that it waits for the stage before it, also before the first element and after the last; not the
  /// time that the stage behind it has no room.
  ///
  /// - *emits* the elements as soon as they arrive, in input order
  /// - *suspends* the stage before it while it holds 64 elements, or fewer as ``Pipeline`` says; each task of that
  ///   stage holds half as many more at most
  /// - *finishes* with its input
  /// - *on cancel* drops the elements that it holds, and counts them as cancelled
  /// - *on failure* when the time is over it ends the run, whatever the policy, with ``PipelineTimeout/idle(_:)`` as
  ///   the cause. The stages before it are cancelled and waited for; a closure that ignores cancellation delays the end
  ///
  /// - Parameters:
  ///   - duration: positive.
  ///   - clock: measures the duration.
  @inlinable
  public func timeout<C: Clock>(
    idle duration: Duration, clock: C = ContinuousClock()
  ) -> Pipeline<Element> where C.Duration == Duration {
    precondition(duration > .zero, "an idle timeout is positive")
    return erased.stage("timeout") { instance, makeEmitter in
      let room = StageBudget.usual(behind: instance.upstream.bound, of: Element.self)
      try await instance.serve(capacity: room.queue, batchSize: room.hand, makeEmitter) { inlet, emitter in
        while true {
          switch try await inlet.next(upTo: room.hand, before: clock.now.advanced(by: duration), clock) {
          case .elements(let batch):
            try await emitter.emit(batch)
            try await emitter.flush()
          case .late: throw instance.run.fatal(PipelineTimeout.idle(duration), in: instance.counters)
          case .end: return
          }
        }
      }
    }
  }

  /// Ends the run if the stages before it take too long in total.
  ///
  /// Counts the time from the start of the run until the last element has been passed to the stage behind. That
  /// includes the time that a slow consumer blocks the run, but not the time that the stages behind need for the last
  /// elements.
  ///
  /// - *emits* the elements, in the order in which they arrive
  /// - *suspends* never; it runs in the tasks of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* when the time is over it ends the run, whatever the policy, with ``PipelineTimeout/total(_:)`` as
  ///   the cause. The stages before it are cancelled and waited for; a closure that ignores cancellation delays the end
  ///
  /// - Parameters:
  ///   - duration: positive.
  ///   - clock: measures the duration.
  @inlinable
  public func timeout<C: Clock>(
    total duration: Duration, clock: C = ContinuousClock()
  ) -> Pipeline<Element> where C.Duration == Duration {
    precondition(duration > .zero, "a total timeout is positive")
    return erased.stage("timeout") { instance, makeEmitter in
      let deadline = clock.now.advanced(by: duration)
      let upstream = instance.upstream
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          try await upstream.produce { .relaying(from: upstream.stage, to: makeEmitter()) }
          return true
        }
        group.addTask {
          try await clock.sleep(until: deadline, tolerance: nil)
          return false
        }
        let isInTime = try await group.next() ?? true
        // The first of the two decides the run's outcome.
        group.cancelAll()
        if !isInTime { throw instance.run.fatal(PipelineTimeout.total(duration), in: instance.counters) }
      }
    }
  }
}
