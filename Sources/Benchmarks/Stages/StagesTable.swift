import CMallocCount
import FileStages
import Generators
import Measurement

/// What stages and reducers cost: of much, by the byte, and of little, by the file.
struct StagesTable {
  let rounds: Int

  /// A read buffer; it ends within a line.
  private static let large = 128 * 1024
  private static let small = 1024
  /// Each measurement takes about that many bytes in large pieces, or as many small files.
  private static let bytes = 16 << 20
  private static let smallFiles = 2000
  /// Allocations for a piece. What a file costs, in memory that is taken and kept for its pieces, is spread over them.
  private static let limit = 0.1

  private struct Figures {
    var rates: [Double] = []
    var times: [Double] = []
    var allocations = Double.infinity
  }

  func measured() throws -> MeasuredTable {
    var random = SplitMix64(seed: 1, stream: "stages")
    let text = Array(AccessLog.text(month: 5, day: 1, about: Self.large, using: &random).utf8)
    let (large, small) = (Array(text.prefix(Self.large)), Array(text.prefix(Self.small)))
    let tasks = StageTask.all
    var figures = [Figures](repeating: Figures(), count: tasks.count)
    for _ in 0..<rounds {
      for (index, task) in tasks.enumerated() { try measure(task, large, small, &figures[index]) }
    }
    return table(tasks, figures)
  }

  private func measure(_ task: StageTask, _ large: [UInt8], _ small: [UInt8], _ figures: inout Figures) throws {
    let pieces = Self.bytes / Self.large
    try task.process(large, 2)
    let before = malloc_count()
    let taken = try Self.nanoseconds { try task.process(large, pieces) }
    if before >= 0 {
      figures.allocations = min(figures.allocations, Double(malloc_count() - before) / Double(pieces))
    }
    figures.rates.append(Double(pieces * large.count) / 1e6 / (taken / 1e9))
    let smallTaken = try Self.nanoseconds { for _ in 0..<Self.smallFiles { try task.process(small, 1) } }
    figures.times.append(smallTaken / Double(Self.smallFiles))
  }

  private func table(_ tasks: [StageTask], _ figures: [Figures]) -> MeasuredTable {
    MeasuredTable(
      "stages", title: "Stages and reducers on one processor: log lines in pieces of 128 KiB, and files of 1 KiB",
      columns: [
        .init("megabytesPerSecond", "MB/s", places: 0), .init("least", "min", places: 0),
        .init("most", "max", places: 0), .init("allocations", "allocations a piece", places: 3),
        .init("smallFileNanoseconds", "ns a file", places: 0),
      ],
      rows: zip(tasks, figures).map { task, figures in
        let rate = Sample(figures.rates)
        return .init(
          task.name,
          [
            "megabytesPerSecond": rate?.median, "least": rate?.minimum, "most": rate?.maximum,
            "allocations": figures.allocations, "smallFileNanoseconds": Sample(figures.times)?.median,
          ])
      },
      gates: zip(tasks, figures).filter { $1.allocations.isFinite }.map { task, figures in
        Gate("stages.allocations: \(task.name)", count: figures.allocations, limit: Self.limit)
      })
  }

  private static func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    try ContinuousClock().measure(body) / .nanoseconds(1)
  }
}
