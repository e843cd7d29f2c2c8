import Foundation

/// Some contestants in one kind of round.
struct Comparison: CustomStringConvertible {
  /// A round takes about that many nanoseconds, whoever runs it.
  private static let length = 20e6

  let title: String
  let names: [String]
  /// Nanoseconds for each number, by contestant and round.
  private(set) var times: [[Double]]

  init(_ title: String, _ round: Round, _ contestants: [Contestant], _ rounds: Int) async {
    self.title = title
    names = contestants.map(\.name)
    times = contestants.map { _ in [] }
    var counts: [Int] = []
    for contestant in contestants {
      let guess = await round.run(contestant, count: 1600)
      counts.append(min(400_000, max(3200, Int(Self.length / guess) / 8 * 8)))
    }
    for _ in 0..<rounds {
      for (index, contestant) in contestants.enumerated() {
        times[index].append(await round.run(contestant, count: counts[index]))
      }
    }
  }

  var medians: [Double] { times.map { $0.sorted()[$0.count / 2] } }

  var description: String {
    let lines = names.indices.map { index in
      names[index].padding(toLength: 30, withPad: " ", startingAt: 0)
        + String(format: "%9.1f %9.1f %10.2f", medians[index], times[index].min() ?? 0, medians[index] / medians[0])
    }
    let heading = "".padding(toLength: 30, withPad: " ", startingAt: 0) + "   median       min      ratio"
    return ([title + ", nanoseconds for each Int", heading] + lines).joined(separator: "\n") + "\n"
  }
}
