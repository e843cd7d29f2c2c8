/// Some contestants in one kind of round.
struct Comparison {
  /// How many nanoseconds a round takes, roughly, with each contestant.
  private static let length = 20e6

  let title: String
  let names: [String]
  /// By contestant and round.
  private var costs: [[Round.Cost]]

  init(_ title: String, _ round: Round, _ contestants: [Contestant], _ rounds: Int) async {
    self.title = title
    names = contestants.map(\.name)
    costs = contestants.map { _ in [] }
    var counts: [Int] = []
    for contestant in contestants {
      let guess = await round.run(contestant, count: 8000)
      counts.append(min(400_000, max(8000, Int(Self.length / guess.time) / 8 * 8)))
    }
    for _ in 0..<rounds {
      for (index, contestant) in contestants.enumerated() {
        costs[index].append(await round.run(contestant, count: counts[index]))
      }
    }
  }

  /// Nanoseconds, by contestant.
  var times: [Double] { costs.map { Self.median($0.map(\.time)) } }
  var leastTimes: [Double] { costs.map { $0.map(\.time).min() ?? 0 } }
  var processorTimes: [Double] { costs.map { Self.median($0.map(\.processorTime)) } }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }
}
