extension PipelineReport: CustomStringConvertible {
  /// A table with a row for each stage; below it the stages' notes and own counters, the number of kept failures and
  /// the first of them, and the bottleneck.
  ///
  /// Counters that are usually 0 have no column if they are 0 in all stages. Times are sums over a stage's tasks, whose
  /// number follows the stage's name if it is greater than 1; a stage without tasks has no times.
  public var description: String {
    var lines = [table]
    for index in stages.indices { lines += remarks(on: index) }
    if let first = failures.first { lines.append("\(Figures.counted(failures.count, "failure")), the first: \(first)") }
    lines.append("Ran for \(Figures.duration(nanoseconds: durationNanoseconds)).")
    lines.append(bottleneck?.reason ?? "No stage stands out as the bottleneck.")
    return lines.joined(separator: "\n")
  }

  /// A stage's name, followed by its number among the stages of the same name if there are several.
  func label(of index: Int) -> String {
    let name = stages[index].name
    let same = stages.indices.filter { stages[$0].name == name }
    guard same.count > 1, let number = same.firstIndex(of: index) else { return name }
    return "\(name) #\(number + 1)"
  }

  private var table: String {
    let columns = Column.all.filter { column in column.isUsual || stages.contains { column.value($0) != 0 } }
    var table = TextTable(columns: [.init("stage")] + columns.map { .init($0.title, .right) })
    for (index, stage) in stages.enumerated() {
      let name = label(of: index) + (stage.tasks > 1 ? " × \(stage.tasks)" : "")
      table.addRow([name] + columns.map { $0.text(stage) })
    }
    return table.rendered()
  }

  private func remarks(on index: Int) -> [String] {
    let stage = stages[index]
    let metrics = stage.metrics.sorted { $0.key < $1.key }.map { "\($0.key) \(Figures.grouped($0.value))" }
    return [
      stage.operators.isEmpty ? nil : "runs " + stage.operators.joined(separator: ", "), stage.note,
      metrics.isEmpty ? nil : metrics.joined(separator: ", "),
    ].compactMap { $0.map { "\(label(of: index)): \($0)" } }
  }
}

/// A column of a report's table.
private struct Column: Sendable {
  let title: String
  /// Whether the column is shown even if all of its values are 0.
  var isUsual = true
  let value: @Sendable (PipelineReport.Stage) -> Int
  var format: @Sendable (Int) -> String = Figures.grouped
  /// Whether the value is a time of the stage's tasks.
  var isTime = false

  func text(_ stage: PipelineReport.Stage) -> String {
    isTime && stage.tasks == 0 ? "–" : format(value(stage))
  }

  static let all = [
    Column(title: "in") { $0.input },
    Column(title: "out") { $0.output },
    Column(title: "failed") { $0.failed },
    Column(title: "skipped") { $0.skipped },
    Column(title: "filtered", isUsual: false) { $0.filtered },
    Column(title: "cancelled", isUsual: false) { $0.cancelled },
    Column(title: "expanded", isUsual: false) { $0.expanded },
    Column(title: "combined", isUsual: false) { $0.combined },
    Column(title: "bytes", isUsual: false, value: { $0.bytes }, format: Figures.bytes),
    Column(title: "attempts") { $0.attempts },
    Column(title: "queue") { $0.queueHighWater },
    time("busy") { $0.busyNanoseconds },
    time("blocked") { $0.blockedNanoseconds },
    time("starved") { $0.starvedNanoseconds },
    time("delayed", isUsual: false) { $0.delayedNanoseconds },
  ]

  private static func time(
    _ title: String, isUsual: Bool = true, _ nanoseconds: @escaping @Sendable (PipelineReport.Stage) -> Int64
  ) -> Column {
    Column(
      title: title, isUsual: isUsual, value: { Int(nanoseconds($0)) },
      format: { Figures.duration(nanoseconds: Int64($0)) }, isTime: true)
  }
}
