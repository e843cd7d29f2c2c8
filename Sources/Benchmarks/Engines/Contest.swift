import Foundation
import Measurement
import SystemPackage

/// One job by several programs in turn, round after round.
struct Contest {
  let job: Job
  let cache: CacheState
  let contenders: [Contender]
  let paths: [String]
  let rounds: Int

  /// The baselines: each is a column of ratios if it takes part.
  private static let references = [Reader.pread, .threads, .blocking]

  /// - Throws: ``CannotMeasure`` if a program fails, or two of them found different things.
  func measured() async throws -> MeasuredTable {
    var runs = [[Contender.Run]](repeating: [], count: contenders.count)
    try await TemporaryTree.with { empty in
      // Round 0 is not counted: it fills the caches.
      for round in (cache == .warm ? 0 : 1)...rounds {
        for (index, contender) in contenders.enumerated() {
          if cache == .cold {
            try emptyCaches()
            // The programs themselves are to be in memory: not their loading is compared, but the reading.
            _ = try contender.run([empty])
          }
          let run = try contender.run(paths)
          if round > 0 { runs[index].append(run) }
        }
      }
    }
    let found = try findings(runs)
    return table(runs, found)
  }

  private func emptyCaches() throws {
    do throws(Errno) { try KernelCaches.empty() } catch { throw CannotMeasure("\(KernelCaches.control): \(error)") }
  }

  /// What the contenders that report it found, which must be the same.
  private func findings(_ runs: [[Contender.Run]]) throws -> Pass.Report? {
    let reports = zip(contenders, runs).flatMap { contender, runs in
      runs.compactMap { run in run.report.map { (contender.name, $0) } }
    }
    guard let (name, first) = reports.first else { return nil }
    for (other, report) in reports
    where (report.files, report.bytes, report.fingerprint) != (first.files, first.bytes, first.fingerprint) {
      throw CannotMeasure(
        "\(other) found \(report.files) files, \(report.bytes) bytes, and \(name) \(first.files), \(first.bytes): "
          + "the files changed meanwhile, or one of the two is wrong")
    }
    return first
  }

  private func table(_ runs: [[Contender.Run]], _ found: Pass.Report?) -> MeasuredTable {
    let present = Self.references.filter { reference in contenders.contains { $0.name == reference.rawValue } }
    let walls = Dictionary(
      uniqueKeysWithValues: zip(contenders, runs).map { ($0.name, Sample($1.map(\.child.seconds))!) })
    var table = MeasuredTable(
      "engines-\(job.rawValue)-\(cache.rawValue)", title: title(found),
      columns: [
        .init("seconds", "wall s", places: 3), .init("least", "min", places: 3), .init("most", "max", places: 3),
      ] + present.map { .init("speedup.\($0.rawValue)", "× \($0.rawValue)", places: 2) } + [
        .init("cpuSeconds", "CPU s", places: 3), .init("contextSwitches", "switches", places: 0),
        .init("peakMebibytes", "peak MiB", places: 1), .init("entersPerFile", "enters/file", places: 3),
      ],
      notes: ["Whole programs, from start to end. × is how many times as fast: the other's median by this one's."])
    if contenders.contains(where: { !$0.reports }) {
      table.notes.append("Peak memory of other programs is that of their largest process, this program's own at least.")
    }
    for (contender, runs) in zip(contenders, runs) {
      let wall = walls[contender.name]!
      let median = { (value: (Contender.Run) -> Double?) in Sample(runs.compactMap(value))?.median }
      var values: [String: Double?] = [
        "seconds": wall.median, "least": wall.minimum, "most": wall.maximum,
        "cpuSeconds": median { $0.child.usage.cpuSeconds },
        "contextSwitches": median { Double($0.child.usage.contextSwitches) },
        "peakMebibytes": median { Double($0.peakMemory) / Double(1 << 20) },
      ]
      if contender.name == Reader.uring.rawValue {
        values["entersPerFile"] = median { run in run.report.map { Double($0.enters) / Double(max($0.files, 1)) } }
      }
      for reference in present {
        values["speedup.\(reference.rawValue)"] = walls[reference.rawValue]?.ratioOfMedians(to: wall)
      }
      table.rows.append(.init(contender.name, values))
    }
    return table
  }

  private func title(_ found: Pass.Report?) -> String {
    let size = found.map { ", \($0.files) files, \(($0.bytes + 500_000) / 1_000_000) MB" } ?? ""
    return "\(job.rawValue)\(size), \(cache.rawValue), \(rounds) interleaved \(rounds == 1 ? "round" : "rounds")"
  }
}
