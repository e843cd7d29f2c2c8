/// The fate of a run's elements, and the time that its stages spent.
public struct PipelineReport: Sendable, Hashable, Codable {
  /// From the sources to the sink: each stage comes after the stages that feed it. Synchronous operators are counted
  /// with the stage that runs them.
  public let stages: [Stage]
  /// From the start to the end of the run, or until now while it lasts. In nanoseconds.
  public let durationNanoseconds: Int64
  /// The failures that ``FailurePolicy/collect(limit:)`` has kept.
  public let failures: [PipelineFailure]

  public var duration: Duration { .nanoseconds(durationNanoseconds) }

  /// The elements whose closure failed for good and that were not skipped, in all stages.
  public var failed: Int { stages.reduce(0) { $0 + $1.failed } }
  /// The elements that were dropped because their closure failed, in all stages.
  public var skipped: Int { stages.reduce(0) { $0 + $1.skipped } }

  /// The part of one stage.
  ///
  /// When the run has ended, for whatever reason, every element is accounted for: `input + expanded == output + failed
  /// + skipped + filtered + cancelled + combined`. If one stage feeds another, the output of the first is the input of
  /// the second. If stages feed several others, or are fed by several, that holds for the sums.
  public struct Stage: Sendable, Hashable, Codable {
    public let name: String
    /// The synchronous operators behind the stage, which its tasks run.
    public let operators: [String]
    /// Elements that were passed to the stage, or that a source has read.
    public let input: Int
    /// Elements that the stage passed on, or that a sink has finished.
    public let output: Int
    /// Elements whose closure failed for good: the failure ended the run, or was collected or routed.
    public let failed: Int
    /// Elements that were dropped because their closure failed, under ``FailurePolicy/skip``.
    public let skipped: Int
    /// Elements that were dropped on purpose, by a filter for example.
    public let filtered: Int
    /// Elements that the stage held when the run ended early.
    public let cancelled: Int
    /// Elements that were created when one became several: all but one of each group.
    public let expanded: Int
    /// Elements that were absorbed by another one, such as a batch or a pair: all but one of each group.
    public let combined: Int
    /// Calls of an asynchronous closure, retries included.
    public let attempts: Int
    /// The bytes, or other units of weight, that the stage's operator has counted.
    public let bytes: Int
    /// The maximum number of elements that waited for the stage at the same time, including those that the queue had
    /// no room for.
    public let queueHighWater: Int
    /// The maximum number of tasks that the stage had at the same time. A stage without tasks, such as a merge, runs in
    /// the tasks of the stages before it.
    public let tasks: Int
    /// The time that the stage's tasks were neither blocked nor starved nor delayed: summed over the tasks, in
    /// nanoseconds. It includes the time that a closure waits, and that a source waits for its sequence.
    public let busyNanoseconds: Int64
    /// The time that they waited for room behind them, or for the handler of failures.
    public let blockedNanoseconds: Int64
    /// The time that they waited for input.
    public let starvedNanoseconds: Int64
    /// The time that they waited on purpose: between two attempts at an element, or for a rate limit.
    public let delayedNanoseconds: Int64
    /// A decision of the stage, and its reason.
    public let note: String?
    /// The stage's own counters.
    public let metrics: [String: Int]

    public var busy: Duration { .nanoseconds(busyNanoseconds) }
    public var blocked: Duration { .nanoseconds(blockedNanoseconds) }
    public var starved: Duration { .nanoseconds(starvedNanoseconds) }
    public var delayed: Duration { .nanoseconds(delayedNanoseconds) }
  }
}
