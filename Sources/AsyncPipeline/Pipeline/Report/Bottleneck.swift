extension PipelineReport {
  /// The stage that the others waited for.
  public struct Bottleneck: Sendable, Hashable {
    public let stage: Stage
    /// A sentence with the evidence.
    public let reason: String
  }

  /// The minimum share of the run for which the bottleneck's tasks are busy or delayed. A guess.
  static let leastOccupation = 0.5
  /// By how much that share must exceed every other stage's, and the minimum share that the sentence mentions. A guess.
  static let leastDifference = 0.1

  /// The stage whose tasks were busy or delayed for the largest share of the run, if that is at least half of the run,
  /// and exceeds every other stage's share by a tenth of the run. Nil if the stages are balanced, or none had much to
  /// do.
  ///
  /// The stages before the bottleneck are blocked, and those behind it starved, unless the buffers could hold all of
  /// the run's elements. A stage without tasks cannot be the bottleneck: the stage before it does its work.
  public var bottleneck: Bottleneck? {
    let shares = stages.map { Shares(of: $0, within: durationNanoseconds) }
    guard let index = stages.indices.max(by: { shares[$0].occupied < shares[$1].occupied }) else { return nil }
    let others = stages.indices.filter { $0 != index }.map { shares[$0].occupied }.max() ?? 0
    let own = shares[index].occupied
    guard own >= Self.leastOccupation, own - others >= Self.leastDifference else { return nil }
    return Bottleneck(stage: stages[index], reason: reason(index, shares))
  }

  /// How a stage's tasks spent their time, as shares of the run's duration times the number of tasks.
  private struct Shares {
    let busy, blocked, starved, delayed: Double
    var occupied: Double { busy + delayed }

    init(of stage: Stage, within duration: Int64) {
      let whole = Double(stage.tasks) * Double(duration)
      let share = { (time: Int64) in whole > 0 ? Double(time) / whole : 0 }
      (busy, blocked) = (share(stage.busyNanoseconds), share(stage.blockedNanoseconds))
      (starved, delayed) = (share(stage.starvedNanoseconds), share(stage.delayedNanoseconds))
    }
  }

  private func reason(_ index: Int, _ shares: [Shares]) -> String {
    let own = shares[index]
    var sentence = "The bottleneck is \(title(of: index)): "
    sentence += stages[index].tasks == 1 ? "its task was " : "its \(stages[index].tasks) tasks were "
    sentence += [("busy", own.busy), ("delayed", own.delayed)]
      .filter { $0.1 >= Self.leastDifference }
      .map { "\($0.0) for \(Figures.percent($0.1))" }.joined(separator: " and ")
    sentence += " of the time"
    let evidence = [
      (stages.indices[..<index].max { shares[$0].blocked < shares[$1].blocked }, "blocked", \Shares.blocked),
      (stages.indices[(index + 1)...].max { shares[$0].starved < shares[$1].starved }, "starved", \Shares.starved),
    ].compactMap { other, word, share -> String? in
      guard let other, shares[other][keyPath: share] >= Self.leastDifference else { return nil }
      return "\(title(of: other)) was \(word) for \(Figures.percent(shares[other][keyPath: share]))"
    }
    return sentence + (evidence.isEmpty ? "" : ", while " + evidence.joined(separator: " and ")) + "."
  }

  /// The name of a stage in a sentence.
  private func title(of index: Int) -> String {
    switch index {
    case 0: "the source"
    case stages.count - 1: "the sink (\(label(of: index)))"
    default: label(of: index)
    }
  }
}
