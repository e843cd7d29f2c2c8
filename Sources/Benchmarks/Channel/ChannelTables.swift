import CMallocCount
import IOUring
import Measurement

/// What it costs to send an element through a channel. Counts repeat, so they are gated; times do not.
struct ChannelTables {
  let rounds: Int

  private static let timed: [Contestant] = [
    .channel(capacity: 256), .channel(budget: 256), .channel(capacity: 16), .channel(capacity: 1),
    .channel(capacity: 0),
    .channel(capacity: 256, batch: 64), .asyncStream, .lockedDeque(capacity: 256),
  ]

  func measured() async throws -> [MeasuredTable] {
    if malloc_count() < 0 { throw CannotMeasure("allocations cannot be counted in this build") }
    let loop = try RingLoop()
    let oneToOne = Round(producers: 1, consumers: 1, executor: loop)
    let crowd = Round(producers: 8, consumers: 8, executor: nil)
    let tables = [
      MeasuredTable("channel-one", await Comparison("One to one, on one loop", oneToOne, Self.timed, rounds)),
      MeasuredTable(
        "channel-many",
        await Comparison("8 producers and 8 consumers, on the pool", crowd, Self.timed.filter(\.isForMany), rounds)),
      await allocations(loop),
    ]
    await loop.shutDown()
    return tables
  }

  private func allocations(_ loop: RingLoop) async -> MeasuredTable {
    var table = MeasuredTable(
      "channel-allocations", title: "Allocations for an element, on one loop",
      columns: [.init("allocations", "counted", places: 4), .init("limit", "limit", places: 4)])
    for limit in AllocationLimit.all {
      let count = await limit.count(on: loop)
      table.rows.append(.init(limit.title, ["allocations": count, "limit": limit.most]))
      table.gates.append(Gate("channel.allocations: \(limit.title)", count: count, limit: limit.most))
    }
    return table
  }
}

extension MeasuredTable {
  fileprivate init(_ name: String, _ comparison: Comparison) {
    let (times, processorTimes) = (comparison.times, comparison.processorTimes)
    self.init(
      name, title: "\(comparison.title): an Int from one task to another",
      columns: [
        .init("nanoseconds", "ns", places: 1), .init("least", "min", places: 1), .init("ratio", "× first", places: 2),
        .init("processorNanoseconds", "CPU ns", places: 1), .init("processorRatio", "CPU × first", places: 2),
      ],
      rows: comparison.names.indices.map { index in
        Row(
          comparison.names[index],
          [
            "nanoseconds": times[index], "least": comparison.leastTimes[index], "ratio": times[index] / times[0],
            "processorNanoseconds": processorTimes[index],
            "processorRatio": processorTimes[index] / processorTimes[0],
          ])
      })
  }
}
