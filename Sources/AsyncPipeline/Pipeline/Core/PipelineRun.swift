import Synchronization

/// One run of a pipeline: its policy, stages, resources and failures, and whether it is drained.
@usableFromInline final class PipelineRun: Sendable {
  @usableFromInline let policy: FailurePolicy
  @usableFromInline let clock: RunClock

  private struct State {
    /// In the order from the sources to the sink.
    var stages: [StageCounters] = []
    /// Each with the number of stages that were there before it.
    var resources: [(resource: any RunResource, stagesBefore: Int)] = []
    var cause: PipelineFailure?
    var collected: [PipelineFailure] = []
    /// When it ended, in nanoseconds.
    var end: Int64?
    /// Called at the end.
    var endHandlers: [@Sendable () -> Void] = []
    /// Called when sources are to stop; nil once they were.
    var drainHandlers: [@Sendable () -> Void]? = []
  }

  private let state = Mutex(State())
  private let draining = Atomic<Bool>(false)

  /// - Parameter clock: that measures the times of the stages.
  @usableFromInline
  init(policy: FailurePolicy?, clock: some Clock<Duration> = ContinuousClock()) {
    self.policy = policy ?? .failFast
    self.clock = RunClock(clock)
  }

  /// Adds a stage behind all others.
  @usableFromInline
  func addStage(_ name: String) -> StageCounters {
    let stage = StageCounters(name: name, clock: clock)
    state.withLock { $0.stages.append(stage) }
    return stage
  }

  // MARK: Resources

  /// Takes over a resource, which the run closes.
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

  /// Closes the resources, the last one first. Called once, when no task is left.
  @usableFromInline
  func closeResources() async {
    let (resources, stages) = state.withLock { ($0.resources, $0.stages) }
    for (resource, stagesBefore) in resources.reversed() {
      await resource.close(StageMeter(stages[min(stagesBefore, stages.count - 1)]))
    }
  }

  // MARK: Failures

  /// Remembers the failure that ends the run, so that the cancellations that it causes do not hide it. The first one
  /// counts.
  @usableFromInline
  func note(_ failure: PipelineFailure) {
    state.withLock { if $0.cause == nil { $0.cause = failure } }
  }

  /// The failure that the run throws. Each failure that is not the consequence of a cancellation has been noted.
  @usableFromInline var noted: PipelineFailure? { state.withLock { $0.cause } }

  /// Keeps a failure for the report, if it has fewer than `limit`.
  func collect(_ failure: PipelineFailure, limit: Int) -> Bool {
    state.withLock { state in
      if state.collected.count >= limit { return false }
      state.collected.append(failure)
      return true
    }
  }

  // MARK: Draining

  /// Whether sources are to stop. The elements that they have produced continue to the sink.
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

  /// Calls `handler` when the run is drained, or at once if it has been. For a source that may be waiting then.
  @usableFromInline
  func onDrain(_ handler: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      state.drainHandlers?.append(handler)
      return state.drainHandlers == nil
    }
    if isLate { handler() }
  }

  // MARK: The end

  /// Calls `handler` when the run has ended, even if the stage that asks for it has never run.
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

  /// The report on what has happened so far.
  @usableFromInline var report: PipelineReport {
    let (stages, end, collected) = state.withLock { ($0.stages, $0.end, $0.collected) }
    let now = end ?? clock.now
    return PipelineReport(
      stages: stages.map { $0.snapshot(at: now) }, durationNanoseconds: now, failures: collected)
  }
}
