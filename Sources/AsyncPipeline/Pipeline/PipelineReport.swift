import Synchronization

/// What became of a run's elements.
public struct PipelineReport: Sendable, Hashable {
  public struct Stage: Sendable, Hashable {
    public let name: String
    /// Elements that came in; for a source, 0.
    public let input: Int
    /// Elements that went out; for a sink, 0.
    public let output: Int
    /// Elements left out because a closure threw.
    public let failed: Int
  }

  /// In the order in which the elements pass them. Fused operators count with the stage that runs them.
  public let stages: [Stage]
  public let duration: Duration

  /// Elements left out because a closure threw, in all stages.
  public var failed: Int { stages.reduce(0) { $0 + $1.failed } }
}

/// What a stage counts while it runs. Workers add what they did by the batch.
@usableFromInline
final class StageCounters: Sendable {
  let name: String
  private let input = Atomic<Int>(0)
  private let output = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)

  init(name: String) {
    self.name = name
  }

  @usableFromInline
  func add(input: Int = 0, output: Int = 0, failed: Int = 0) {
    if input != 0 { self.input.add(input, ordering: .relaxed) }
    if output != 0 { self.output.add(output, ordering: .relaxed) }
    if failed != 0 { self.failed.add(failed, ordering: .relaxed) }
  }

  var snapshot: PipelineReport.Stage {
    PipelineReport.Stage(
      name: name, input: input.load(ordering: .relaxed), output: output.load(ordering: .relaxed),
      failed: failed.load(ordering: .relaxed))
  }
}
