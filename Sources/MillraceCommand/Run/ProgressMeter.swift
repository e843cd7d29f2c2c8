import Dispatch
import FilePipeline
import IOUring

/// Says on standard error how far a run is, while it lasts.
final class ProgressMeter: Sendable {
  /// Between two drawings of the line on a terminal: as often as an eye can follow.
  private static let redrawInterval = Duration.milliseconds(200)

  private let style: ProgressStyle
  private let progress = FileProgress()

  init(_ style: ProgressStyle) {
    self.style = style
  }

  /// What the run is to count with. Nil where nothing is shown: a run need not count then.
  var counter: FileProgress? { style == .none ? nil : progress }

  /// Shows progress while `body` runs.
  @discardableResult
  func running<R: Sendable>(_ body: () async throws -> R) async throws -> R {
    if style == .none { return try await body() }
    let ending = DispatchSemaphore(value: 0)
    // A task that sleeps would need Swift's own threads (StartingConditions). Without a thread for it nothing is shown.
    let showing = startThreads(1, name: "progress") { self.show(until: ending) }
    let result: R
    do {
      result = try await body()
    } catch {
      await end(showing, ending)
      throw error
    }
    await end(showing, ending)
    if style == .plainLines(endsWithTotal: true) { Diagnostics.report(text) }
    return result
  }

  private func show(until ending: DispatchSemaphore) {
    var pace = PlainLinePace()
    while true {
      let pause = style == .line ? Self.redrawInterval : pace.next()
      let (seconds, attoseconds) = pause.components
      let deadline = DispatchTime.now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000))
      if ending.wait(timeout: deadline) == .success { return }
      if style == .line { Diagnostics.showProgress(text) } else { Diagnostics.report(text) }
    }
  }

  /// Waits for the last line, which would otherwise come after what follows.
  private func end(_ showing: [Latch<Void>], _ ending: DispatchSemaphore) async {
    ending.signal()
    for ended in showing { await ended.value }
    Diagnostics.withoutProgress {}
  }

  private var text: String {
    "\(Figures.counted(progress.filesFinished, "file")), \(Figures.bytes(Int(progress.bytesRead)))"
  }
}

/// When plain lines come: soon at first, then ever more seldom, so that the log of a long run is not filled with them.
struct PlainLinePace {
  /// Guesses: one line for a run that a person watches, and two a minute for one that takes hours.
  static let (shortest, longest) = (Duration.seconds(1), Duration.seconds(32))

  private var pause = shortest

  /// How long to wait before the next line.
  mutating func next() -> Duration {
    defer { pause = min(pause * 2, Self.longest) }
    return pause
  }
}
