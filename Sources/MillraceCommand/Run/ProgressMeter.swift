import FilePipeline

/// Runs a pipeline over files to its end, and says on standard error how far it is meanwhile.
struct ProgressMeter {
  /// Between two drawings of the line on a terminal: as often as an eye can follow.
  private static let redrawInterval = Duration.milliseconds(200)

  private let style: ProgressStyle

  init(_ style: ProgressStyle) {
    self.style = style
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
        if style == .plainLines(endsWithTotal: true) { Diagnostics.report(Self.text(run.report)) }
        return run.report
      } onCancel: {
        run.cancel()
      }
    }
  }

  /// Shows progress until the run ends.
  private func show(_ run: PipelineHandle<Void>) async {
    var pace = PlainLinePace()
    let interval = style == .line ? Self.redrawInterval : PlainLinePace.shortest
    for await report in run.progress(every: interval, clock: ThreadClock()) {
      if style == .line {
        Diagnostics.showProgress(Self.text(report))
      } else if pace.isDue(after: report.duration) {
        Diagnostics.report(Self.text(report))
      }
    }
    Diagnostics.withoutProgress {}
  }

  /// As the operators that read files call their stages.
  private static let readingStages = ["reduce", "copy"]

  /// What the stage that reads the files has done.
  private static func text(_ report: PipelineReport) -> String {
    let stage = report.stages.first { readingStages.contains($0.name) }
    return "\(Figures.counted(stage?.output ?? 0, "file")), \(Figures.bytes(stage?.bytes ?? 0))"
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
