extension PipelineReport {
  /// The stage that all others waited for.
  public struct Bottleneck: Sendable, Hashable {
    public let stage: Stage
    /// A sentence that says why.
    public let reason: String
  }

  /// The share of the run for which the bottleneck's tasks are at work at least. A guess.
  static let leastOccupation = 0.5
  /// How much larger than any other stage's that share must be, and what share of the run is worth a word. A guess.
  static let leastDifference = 0.1

  /// The stage whose tasks were busy for the largest share of the run, or delayed; if that is half of it, and a tenth
  /// of the run more than of any other stage. Nil if nothing stands out so: if the stages are balanced, or nobody had
  /// much to do.
  ///
  /// Then those before it are blocked and those behind it starved, unless there were so few elements that the buffers
  /// held them all. A stage without tasks cannot be it: the stage before does its work.
  public var bottleneck: Bottleneck? {
    let shares = stages.map { Shares(of: $0, within: durationNanoseconds) }
    guard let place = stages.indices.max(by: { shares[$0].occupied < shares[$1].occupied }) else { return nil }
    let others = stages.indices.filter { $0 != place }.map { shares[$0].occupied }.max() ?? 0
    let own = shares[place].occupied
    guard own >= Self.leastOccupation, own - others >= Self.leastDifference else { return nil }
    return Bottleneck(stage: stages[place], reason: reason(place, shares))
  }

  /// For what part of the run a stage's tasks did what, as if it had had all its tasks all the time.
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

  private func reason(_ place: Int, _ shares: [Shares]) -> String {
    let own = shares[place]
    var sentence = "The bottleneck is \(title(of: place)): "
    sentence += stages[place].tasks == 1 ? "its task was " : "its \(stages[place].tasks) tasks were "
    sentence += [("busy", own.busy), ("delayed", own.delayed)]
      .filter { $0.1 >= Self.leastDifference }
      .map { "\($0.0) for \(Figures.percent($0.1))" }.joined(separator: " and ")
    sentence += " of the time"
    let evidence = [
      (stages.indices[..<place].max { shares[$0].blocked < shares[$1].blocked }, "blocked", \Shares.blocked),
      (stages.indices[(place + 1)...].max { shares[$0].starved < shares[$1].starved }, "starved", \Shares.starved),
    ].compactMap { other, word, share -> String? in
      guard let other, shares[other][keyPath: share] >= Self.leastDifference else { return nil }
      return "\(title(of: other)) was \(word) for \(Figures.percent(shares[other][keyPath: share]))"
    }
    return sentence + (evidence.isEmpty ? "" : ", while " + evidence.joined(separator: " and ")) + "."
  }

  /// What a sentence calls a stage.
  private func title(of place: Int) -> String {
    switch place {
    case 0: "the source"
    case stages.count - 1: "the sink (\(label(of: place)))"
    default: label(of: place)
    }
  }
}
