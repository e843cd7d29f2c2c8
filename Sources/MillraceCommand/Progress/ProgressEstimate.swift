import FilePipeline
import Glibc

/// The progress, rate and remaining time of a run, estimated from samples.
struct ProgressEstimate {
  struct Moment: Equatable {
    /// Since the run began.
    var seconds: Double
    var files: Int
    var bytes: Int64
  }

  /// The time constant of the average rate, in seconds: longer than a burst from a disk's cache or a directory of small
  /// files. A guess.
  static let memory = 5.0

  private var last = Moment(seconds: 0, files: 0, bytes: 0)
  private var rates: (files: Double, bytes: Double)?

  /// - Parameter moment: later than the previous one.
  mutating func add(_ moment: Moment) {
    let seconds = moment.seconds - last.seconds
    guard seconds > 0 else { return }
    let now = (
      files: Double(moment.files - last.files) / seconds, bytes: Double(moment.bytes - last.bytes) / seconds
    )
    if let known = rates {
      let weight = 1 - exp(-seconds / Self.memory)
      rates = (known.files + (now.files - known.files) * weight, known.bytes + (now.bytes - known.bytes) * weight)
    } else {
      rates = now
    }
    last = moment
  }

  /// The remaining time. Nil while the total is not known, or nothing progresses.
  ///
  /// Small files cost time by number, large ones by bytes: the longer of the two estimates.
  func secondsLeft(to goal: ProgressGoal.Extent) -> Double? {
    guard goal.isWhole, let rates else { return nil }
    let left = (files: Double(goal.files - last.files), bytes: Double(goal.bytes - last.bytes))
    if left.files <= 0 && left.bytes <= 0 { return nil }
    let times = [(left.files, rates.files), (left.bytes, rates.bytes)].filter { $0.0 > 0 && $0.1 > 0 }.map {
      $0.0 / $0.1
    }
    return times.max()
  }

  /// - Parameter goal: nil if the total is not counted.
  func text(of goal: ProgressGoal.Extent? = nil) -> String {
    var parts = [files(of: goal), bytes(of: goal)]
    if let rates { parts.append("\(Figures.bytes(Int(max(0, rates.bytes))))/s") }
    if let goal, let seconds = secondsLeft(to: goal) { parts.append("about \(Self.time(seconds)) left") }
    return parts.joined(separator: ", ")
  }

  private func files(of goal: ProgressGoal.Extent?) -> String {
    guard let goal else { return Figures.counted(last.files, "file") }
    // The walk continues.
    let found = Figures.counted(goal.files, "file") + (goal.isWhole ? "" : " found so far")
    return "\(Figures.grouped(last.files)) of \(found)"
  }

  private func bytes(of goal: ProgressGoal.Extent?) -> String {
    let done = Figures.bytes(Int(last.bytes))
    guard let goal, goal.isWhole else { return done }
    return "\(done) of \(Figures.bytes(Int(max(goal.bytes, last.bytes))))"
  }

  /// `0:42`, `12:05`, and beyond an hour `3 h 12 min`.
  static func time(_ seconds: Double) -> String {
    // More than a century is no estimate.
    let whole = Int(min(seconds.rounded(.up), 3e9))
    if whole >= 3600 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
    let rest = whole % 60
    return "\(whole / 60):\(rest < 10 ? "0" : "")\(rest)"
  }
}
