import Measurement

/// What a file costs in counts, warm. Starting and ending are not in them: they are differences to the same run over
/// nothing.
struct FileCounts {
  let contender: Contender
  let paths: [String]
  let rounds: Int

  var files = 0
  /// By kind. What cannot be counted here is missing.
  var perFile: [Kind: Double] = [:]

  enum Kind: String, CaseIterable {
    /// Calls of io_uring_enter(2).
    case enters
    /// Heap allocations, of all threads.
    case allocations
    /// System calls, of all threads.
    case systemCalls = "system-calls"
    /// Times that a thread had to wait. Involuntary switches depend on what else the machine does.
    case contextSwitches = "context-switches"
  }

  init(_ contender: Contender, paths: [String], rounds: Int) {
    (self.contender, self.paths, self.rounds) = (contender, paths, rounds)
  }

  /// The least of some rounds: a busy machine only adds.
  ///
  /// - Parameter empty: a directory with nothing in it.
  mutating func count(empty: String) throws {
    // Not counted: it fills the caches.
    files = try contender.run(paths).report?.files ?? 0
    if files == 0 { throw CannotMeasure("there are no files to count with") }
    for _ in 0..<rounds {
      let (idle, busy) = (try counts([empty]), try counts(paths))
      for (kind, count) in busy {
        let extra = Double(count - (idle[kind] ?? 0)) / Double(files)
        perFile[kind] = min(perFile[kind] ?? .infinity, max(extra, 0))
      }
    }
  }

  private func counts(_ paths: [String]) throws -> [Kind: Int] {
    let run = try contender.run(paths)
    var counts: [Kind: Int] = [.contextSwitches: run.child.usage.voluntarySwitches]
    counts[.enters] = run.report.map { Int($0.enters) }
    counts[.allocations] = run.report?.allocations
    counts[.systemCalls] = try SystemCalls.count(of: contender.line(paths))
    return counts
  }
}
