import FilePipeline

/// Runs a pipeline over files to its end, and shows its progress on standard error.
struct ProgressMeter {
  /// Between two updates of the line on a terminal: as often as a person can read.
  private static let redrawInterval = Duration.milliseconds(200)

  private let style: ProgressStyle
  /// The total amount of work, if it is counted.
  private let goal: ProgressGoal?

  init(_ style: ProgressStyle, _ goal: ProgressGoal? = nil) {
    (self.style, self.goal) = (style, goal)
  }

  /// Calls `body` with each element, on a thread that may block. If the task is cancelled, `body` still gets the
  /// elements that are ready.
  ///
  /// - Throws: what ends the run.
  func run<P: PipelineProtocol>(
    _ pipeline: P, on thread: ThreadExecutor, _ body: @escaping @Sendable (P.Element) async throws -> Void
  ) async throws -> PipelineReport {
    if style == .none { return try await pipeline.forEach(on: thread, drainsWhenCancelled: true, body) }
    // Without an executor its task would start in Swift's cooperative pool (see Preflight).
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
        ProgressLine.draw(estimate.text(of: goal?.extent))
      } else if pace.isDue(after: report.duration) {
        Diagnostics.report(estimate.text(of: goal?.extent))
      }
    }
    ProgressLine.erased {}
  }

  /// The names of stages that read files. The last one of a run counts the files that are done.
  private static let readingStages = ["reduce", "copy", "verify"]

  /// Counts from the stage that reads the files.
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

/// Decides when plain lines are printed: soon at first, then at growing intervals, so that they do not fill the log of
/// a long run.
struct PlainLinePace {
  /// Guesses: after a second, for a run that a person watches, and two a minute for a run of hours.
  static let (shortest, longest) = (Duration.seconds(1), Duration.seconds(32))

  private var pause = shortest
  private var due = shortest

  /// Whether a line is due after this duration of the run.
  mutating func isDue(after duration: Duration) -> Bool {
    // Called once per shortest interval, with the tolerance of a wake-up.
    guard duration + Self.shortest / 4 >= due else { return false }
    pause = min(pause * 2, Self.longest)
    due = duration + pause
    return true
  }
}
