import FilePipeline

/// Runs a pipeline over files to its end, and says on standard error how far it is meanwhile.
struct ProgressMeter {
  /// Between two drawings of the line on a terminal: as often as an eye can follow.
  private static let redrawInterval = Duration.milliseconds(200)

  private let style: ProgressStyle
  /// How much there is to do, if that is looked for.
  private let goal: ProgressGoal?

  init(_ style: ProgressStyle, _ goal: ProgressGoal? = nil) {
    (self.style, self.goal) = (style, goal)
  }

  /// Calls `body` with each element, on a thread that may block. If the task is cancelled `body` still gets the
  /// elements that wait for it.
  ///
  /// - Throws: what ends the run.
  func run<P: PipelineProtocol>(
    _ pipeline: P, on thread: ThreadExecutor, _ body: @escaping @Sendable (P.Element) async throws -> Void
  ) async throws -> PipelineReport {
    if style == .none { return try await pipeline.forEach(on: thread, drainsWhenCancelled: true, body) }
    // A task of its own begins on Swift's own threads, if it is not told otherwise (StartingConditions).
    return try await withThreadExecutor(name: "run") { executor in
      let run = pipeline.start(.forEach(on: thread, drainsWhenCancelled: true, body), on: executor)
      return try await withTaskCancellationHandler {
        await show(run)
        try await run.value
        if style == .plainLines(endsWithTotal: true) { Diagnostics.report(Self.total(run.report)) }
        return run.report
      } onCancel: {
        run.cancel()
      }
    }
  }

  /// Shows progress until the run ends.
  private func show(_ run: PipelineHandle<Void>) async {
    var (pace, estimate) = (PlainLinePace(), ProgressEstimate())
    let interval = style == .line ? Self.redrawInterval : PlainLinePace.shortest
    for await report in run.progress(every: interval, clock: ThreadClock()) {
      estimate.add(Self.moment(report))
      if style == .line {
        Diagnostics.showProgress(estimate.text(of: goal?.extent))
      } else if pace.isDue(after: report.duration) {
        Diagnostics.report(estimate.text(of: goal?.extent))
      }
    }
    Diagnostics.withoutProgress {}
  }

  /// As the operators that read files call their stages. The last of a run tells what is done with.
  private static let readingStages = ["reduce", "copy", "verify"]

  /// What the stage that reads the files has done.
  private static func moment(_ report: PipelineReport) -> ProgressEstimate.Moment {
    let stage = report.stages.last { readingStages.contains($0.name) }
    return ProgressEstimate.Moment(
      seconds: report.duration.inSeconds, files: stage?.output ?? 0, bytes: Int64(stage?.bytes ?? 0))
  }

  private static func total(_ report: PipelineReport) -> String {
    let all = moment(report)
    return "\(Figures.counted(all.files, "file")), \(Figures.bytes(Int(all.bytes)))"
  }
}

/// When plain lines come: soon at first, then ever more seldom, so that the log of a long run is not filled with them.
struct PlainLinePace {
  /// Guesses: one line for a run that a person watches, and two a minute for one that takes hours.
  static let (shortest, longest) = (Duration.seconds(1), Duration.seconds(32))

  private var pause = shortest
  private var due = shortest

  /// Whether a line is to be printed now that a run has lasted for so long.
  mutating func isDue(after duration: Duration) -> Bool {
    // Asked once in the shortest pause, give or take the time that a thread takes to wake.
    guard duration + Self.shortest / 4 >= due else { return false }
    pause = min(pause * 2, Self.longest)
    due = duration + pause
    return true
  }
}
