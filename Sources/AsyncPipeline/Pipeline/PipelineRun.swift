import Synchronization

/// One run of a pipeline: its policy, its first failure, its counters.
@usableFromInline final class PipelineRun: Sendable {
  @usableFromInline let policy: FailurePolicy
  @usableFromInline let start = ContinuousClock.now
  @usableFromInline let firstFailure = Mutex<(any Error)?>(nil)

  /// From the source down.
  @usableFromInline let stages: [StageCounters]

  @usableFromInline
  init(policy: FailurePolicy, stageNames: [String]) {
    self.policy = policy
    stages = stageNames.map(StageCounters.init)
  }

  @usableFromInline
  func counters(ofStage index: Int) -> StageCounters { stages[index] }

  /// Decides what an element's failure means: throws it, or counts it.
  @usableFromInline
  func handle(_ error: any Error, in stage: StageCounters) throws {
    if policy == .failFast || error is CancellationError || Task.isCancelled {
      note(error)
      throw error
    }
    stage.add(failed: 1)
  }

  /// Remembers the cause of the run's end, which the cancellations that it sets off must not hide. What a task throws that has
  /// been cancelled is no cause but a consequence, whatever its type.
  @usableFromInline
  func note(_ error: any Error) {
    if error is CancellationError || Task.isCancelled { return }
    firstFailure.withLock { first in
      if first == nil { first = error }
    }
  }

  /// What the run is to throw: every failure that is not the consequence of a cancellation has been noted.
  @usableFromInline var cause: any Error {
    firstFailure.withLock { $0 } ?? CancellationError()
  }

  @usableFromInline var report: PipelineReport {
    PipelineReport(stages: stages.map(\.snapshot), duration: ContinuousClock.now - start)
  }
}
