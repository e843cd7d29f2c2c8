/// A resource that all stages of a run share: an engine, a pool of connections. The run owns it from its beginning to
/// its end; it is opened when a stage first needs it.
@usableFromInline
package protocol RunResource: AnyObject, Sendable {
  /// Called once, when no task of the run is left.
  ///
  /// - Parameter meter: of the first stage that uses the resource.
  func close(_ meter: StageMeter) async
}

/// Adds numbers of a stage's own to the report.
@usableFromInline
package struct StageMeter: Sendable {
  @usableFromInline let counters: StageCounters

  @inlinable
  init(_ counters: StageCounters) {
    self.counters = counters
  }

  /// Bytes that the stage has read, or written.
  @inlinable
  package func add(bytes: Int) {
    counters.add(bytes: bytes)
  }

  /// Further attempts at an element.
  @inlinable
  package func add(attempts: Int) {
    counters.add(attempts: attempts)
  }

  /// Waits before a further attempt. Throws if the task is cancelled.
  @inlinable
  package func wait(for duration: Duration) async throws {
    try await counters.delayed.measure { try await counters.delayed.clock.sleep(for: duration) }
  }

  /// Adds to a number of the stage's own: ``PipelineReport/Stage/metrics``.
  @inlinable
  package func count(_ metric: String, _ difference: Int) {
    counters.count(metric, difference)
  }

  /// A sentence for the report: ``PipelineReport/Stage/note``.
  @inlinable
  package func note(_ sentence: String) {
    counters.note(sentence)
  }
}

extension Pipeline {
  /// A pipeline over a resource that each run makes for itself.
  ///
  /// - Parameters:
  ///   - make: called before the run begins; must neither block nor fail.
  ///   - pipeline: called once a run, with the resource.
  @inlinable
  package init<R: RunResource>(
    sharing make: @escaping @Sendable () -> R, _ pipeline: @escaping @Sendable (R) -> Pipeline<Element>
  ) {
    self.init { run in
      let resource = make()
      run.keep(resource)
      return pipeline(resource).make(run)
    }
  }
}

/// A failure that ends the run whatever its policy, because it does not concern one element alone.
package struct RunEndingFailure: Error {
  let cause: any Error

  package init(_ cause: any Error) {
    self.cause = cause
  }
}
