extension PipelineProtocol {
  /// Ends the run if nothing comes for some time.
  ///
  /// Only the time counts in which it waits for the stage before it, the time before the first element and after the
  /// last included; not the time in which the stage behind it has no room.
  ///
  /// - *emits* the elements as soon as it gets them, in their order
  /// - *suspends* the stage before it while it holds 64 elements, or fewer as ``Pipeline`` says; each task of that
  ///   stage holds half as many more at most
  /// - *finishes* with its input
  /// - *on cancel* drops what it holds, and counts it as cancelled
  /// - *on failure* when the time is over it ends the run, whatever the policy, with ``PipelineTimeout/idle(_:)`` as
  ///   the cause. What is before it is cancelled and waited for, so that work that heeds no cancellation takes as long
  ///   as it takes
  ///
  /// - Parameters:
  ///   - duration: positive.
  ///   - clock: that measures it.
  @inlinable
  public func timeout<C: Clock>(
    idle duration: Duration, clock: C = ContinuousClock()
  ) -> Pipeline<Element> where C.Duration == Duration {
    precondition(duration > .zero, "there is some time for an element to come")
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

  /// Ends the run if what is before it takes too long altogether.
  ///
  /// The time runs from the start of the run until the last element has been handed to the stage behind, so that a slow
  /// consumer uses it up too; but what the stages behind do with the last elements is not waited for.
  ///
  /// - *emits* the elements, in the order in which they come
  /// - *suspends* never; it runs in the tasks of the stage before it
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* when the time is over it ends the run, whatever the policy, with ``PipelineTimeout/total(_:)`` as
  ///   the cause. What is before it is cancelled and waited for, so that work that heeds no cancellation takes as long
  ///   as it takes
  ///
  /// - Parameters:
  ///   - duration: positive.
  ///   - clock: that measures it.
  @inlinable
  public func timeout<C: Clock>(
    total duration: Duration, clock: C = ContinuousClock()
  ) -> Pipeline<Element> where C.Duration == Duration {
    precondition(duration > .zero, "there is some time for the elements to come")
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
        // The run has one outcome: whichever of the two came first.
        group.cancelAll()
        if !isInTime { throw instance.run.fatal(PipelineTimeout.total(duration), in: instance.counters) }
      }
    }
  }
}
