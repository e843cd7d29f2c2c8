import Foundation

/// Some contestants in one kind of round.
struct Comparison: CustomStringConvertible {
  /// A round takes about that many nanoseconds, whoever runs it.
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
  var processorTimes: [Double] { costs.map { Self.median($0.map(\.processorTime)) } }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  var description: String {
    let (times, processorTimes) = (times, processorTimes)
    let lines = names.indices.map { index in
      let name = names[index].padding(toLength: 30, withPad: " ", startingAt: 0)
      let least = costs[index].map(\.time).min() ?? 0
      let (ratio, processorRatio) = (times[index] / times[0], processorTimes[index] / processorTimes[0])
      return name
        + String(
          format: "%9.1f%9.1f%9.2f%12.1f%9.2f", times[index], least, ratio, processorTimes[index], processorRatio)
    }
    let heading = "nanoseconds for each Int".padding(toLength: 30, withPad: " ", startingAt: 0)
    return ([title, heading + "     time      min    ratio   processor    ratio"] + lines).joined(separator: "\n")
      + "\n"
  }
}
