import Foundation
import IOUring

/// What it costs to carry an `Int` from one task to another: channels and their likes in turn, round after round, in
/// one run. What else the machine does slows all of them alike: the ratios say more than the nanoseconds.
///
/// The argument is the number of rounds.
@main
enum ChannelRates {
  static func main() async throws {
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 9
    let loop = try RingLoop()
    let onLoop = await Comparison(
      "One to one, on one loop", Round(producers: 1, consumers: 1, executor: loop), contestants, rounds)
    let onPool = await Comparison(
      "One to one, on the pool", Round(producers: 1, consumers: 1, executor: nil), contestants, rounds)
    let crowd = await Comparison(
      "8 producers and 8 consumers, on the pool", Round(producers: 8, consumers: 8, executor: nil),
      contestants.filter(\.isForMany), rounds)
    await loop.shutDown()
    for comparison in [onLoop, onPool, crowd] { print(comparison) }
    print(String(format: "8 to 8 costs %.2f × one to one", crowd.times[0] / onPool.times[0]))
  }

  static let contestants: [Contestant] = [
    .channel(capacity: 256), .channel(budget: 256), .channel(capacity: 16), .channel(capacity: 1),
    .channel(capacity: 0),
    .channel(capacity: 256, batch: 64), .asyncChannel, .asyncStream, .nioProducer, .lockedDeque(capacity: 256),
  ]
}
