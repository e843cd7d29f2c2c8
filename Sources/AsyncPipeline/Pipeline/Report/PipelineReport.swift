/// What became of a run's elements, and what its stages spent their time on.
public struct PipelineReport: Sendable, Hashable, Codable {
  /// From the sources to the sink: each stage stands behind those that feed it. Fused operators count with the stage
  /// that runs them.
  public let stages: [Stage]
  /// From the start to the end; while the run lasts, to now. In nanoseconds.
  public let durationNanoseconds: Int64
  /// Those that ``FailurePolicy/collect(limit:)`` has kept.
  public let failures: [PipelineFailure]

  public var duration: Duration { .nanoseconds(durationNanoseconds) }

  /// Elements that a closure failed for good, and that were not skipped, in all stages.
  public var failed: Int { stages.reduce(0) { $0 + $1.failed } }
  /// Elements that were left out because a closure failed, in all stages.
  public var skipped: Int { stages.reduce(0) { $0 + $1.skipped } }

  /// What one stage did.
  ///
  /// When the run has ended, well or not, every element is accounted for: `input + expanded == output + failed +
  /// skipped + filtered + cancelled + combined`; and where one stage feeds another, the output of the one is the input
  /// of the other. Where stages feed several or are fed by several, that holds for the sums.
  public struct Stage: Sendable, Hashable, Codable {
    public let name: String
    /// The synchronous operators behind it, which it runs.
    public let operators: [String]
    /// Elements that were handed to it, or, by a source, that it took from where they come.
    public let input: Int
    /// Elements that it handed on, or, of a sink, that it was done with.
    public let output: Int
    /// Elements that a closure failed for good: it ended the run, or the failure was collected or routed.
    public let failed: Int
    /// Elements that were left out because a closure failed, under ``FailurePolicy/skip``.
    public let skipped: Int
    /// Elements that were left out on purpose, by a filter for example.
    public let filtered: Int
    /// Elements that it held in some place when the run ended early.
    public let cancelled: Int
    /// Elements that came into being where one became several: of each such group all but one.
    public let expanded: Int
    /// Elements that went into another one, such as a batch or a pair: of each such group all but one.
    public let combined: Int
    /// Calls of an asynchronous closure, retries included.
    public let attempts: Int
    /// As an operator has counted them.
    public let bytes: Int
    /// The most elements that have waited for it at once, those included that the queue had no room for.
    public let queueHighWater: Int
    /// The most tasks that it had at once. A stage without tasks, such as a merge, runs in those of the stages before
    /// it.
    public let tasks: Int
    /// What its tasks did when they did none of what follows: summed over them, in nanoseconds. What a closure waits
    /// for is part of it, and so is a source's wait for the sequence that it takes its elements from.
    public let busyNanoseconds: Int64
    /// What they waited for room behind them, or for who takes failures.
    public let blockedNanoseconds: Int64
    /// What they waited for input.
    public let starvedNanoseconds: Int64
    /// What they waited because they were to: between two attempts at an element, or for a rate limit.
    public let delayedNanoseconds: Int64
    /// What the stage decided by itself, and why.
    public let note: String?
    /// What the stage counts beside what all do.
    public let metrics: [String: Int]

    public var busy: Duration { .nanoseconds(busyNanoseconds) }
    public var blocked: Duration { .nanoseconds(blockedNanoseconds) }
    public var starved: Duration { .nanoseconds(starvedNanoseconds) }
    public var delayed: Duration { .nanoseconds(delayedNanoseconds) }
  }
}
