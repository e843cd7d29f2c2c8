import Synchronization

/// One run of a pipeline: its policy, its stages, its failures, and what it is asked for while it runs.
@usableFromInline final class PipelineRun: Sendable {
  @usableFromInline let policy: FailurePolicy
  @usableFromInline let clock: RunClock

  private struct State {
    /// From the sources down.
    var stages: [StageCounters] = []
    /// Each with the number of stages that were there before it.
    var resources: [(resource: any RunResource, place: Int)] = []
    var cause: PipelineFailure?
    var collected: [PipelineFailure] = []
    /// When it ended, in nanoseconds.
    var end: Int64?
    /// What is to be done then.
    var endHandlers: [@Sendable () -> Void] = []
    /// Whom to tell that sources are to stop; nil once they were told.
    var drainHandlers: [@Sendable () -> Void]? = []
  }

  private let state = Mutex(State())
  private let draining = Atomic<Bool>(false)

  /// - Parameter clock: that measures what its stages spend their time on.
  @usableFromInline
  init(policy: FailurePolicy?, clock: some Clock<Duration> = ContinuousClock()) {
    self.policy = policy ?? .failFast
    self.clock = RunClock(clock)
  }

  /// A stage behind all that were added before.
  @usableFromInline
  func addStage(_ name: String) -> StageCounters {
    let stage = StageCounters(name: name, clock: clock)
    state.withLock { $0.stages.append(stage) }
    return stage
  }

  // MARK: Resources

  /// Takes a resource for all stages of the run, which closes it.
  @usableFromInline
  func keep(_ resource: any RunResource) {
    state.withLock { $0.resources.append((resource, $0.stages.count)) }
  }

  /// The first resource of its type, or a new one.
  @inlinable
  func resource<R: RunResource>(orKeeping make: () -> R) -> R {
    if let resource = keptResources.lazy.compactMap({ $0 as? R }).first { return resource }
    let resource = make()
    keep(resource)
    return resource
  }

  @usableFromInline var keptResources: [any RunResource] { state.withLock { $0.resources.map(\.resource) } }

  /// Called once, when no task is left: the last resource is closed first.
  @usableFromInline
  func closeResources() async {
    let (resources, stages) = state.withLock { ($0.resources, $0.stages) }
    for (resource, place) in resources.reversed() {
      await resource.close(StageMeter(stages[min(place, stages.count - 1)]))
    }
  }

  // MARK: Failures

  /// Remembers the cause of the run's end, which the cancellations that it sets off must not hide. The first counts.
  @usableFromInline
  func note(_ failure: PipelineFailure) {
    state.withLock { if $0.cause == nil { $0.cause = failure } }
  }

  /// What the run is to throw. Every failure that is not the consequence of a cancellation has been noted.
  @usableFromInline var noted: PipelineFailure? { state.withLock { $0.cause } }

  /// Keeps a failure for the report, if there are fewer than `limit`.
  func collect(_ failure: PipelineFailure, limit: Int) -> Bool {
    state.withLock { state in
      if state.collected.count >= limit { return false }
      state.collected.append(failure)
      return true
    }
  }

  // MARK: Draining

  /// Whether sources are to stop. What they have produced goes on to the sinks.
  @usableFromInline var isDraining: Bool { draining.load(ordering: .relaxed) }

  @usableFromInline
  func drain() {
    draining.store(true, ordering: .relaxed)
    let handlers = state.withLock { state in
      defer { state.drainHandlers = nil }
      return state.drainHandlers ?? []
    }
    for handler in handlers { handler() }
  }

  /// For a source that may wait when the run is drained: `handler` is called then, or at once if it has been already.
  @usableFromInline
  func onDrain(_ handler: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      state.drainHandlers?.append(handler)
      return state.drainHandlers == nil
    }
    if isLate { handler() }
  }

  // MARK: The end

  /// For what must be done even if nothing of a stage ever ran: `handler` is called when the run has ended.
  @usableFromInline
  func onEnd(_ handler: @escaping @Sendable () -> Void) {
    state.withLock { $0.endHandlers.append(handler) }
  }

  /// Called once, when there is no task left.
  @usableFromInline
  func end() {
    let handlers = state.withLock { state in
      defer { state.endHandlers = [] }
      return state.endHandlers
    }
    for handler in handlers { handler() }
    state.withLock { $0.end = clock.now }
  }

  // MARK: Reporting

  /// What has happened so far.
  @usableFromInline var report: PipelineReport {
    let (stages, end, collected) = state.withLock { ($0.stages, $0.end, $0.collected) }
    let now = end ?? clock.now
    return PipelineReport(
      stages: stages.map { $0.snapshot(at: now) }, durationNanoseconds: now, failures: collected)
  }
}
