import ArgumentParser
import CMallocCount
import Foundation
import IOUring

/// What it costs to send an element through a channel. Counts repeat, so they are gated; times do not.
struct ChannelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "channel",
    abstract: "Measures channels beside AsyncStream and a deque under a lock, and counts their allocations.",
    discussion: """
      Exits with status 1 if the allocations for an element are above their limit. Beside AsyncChannel and NIO's sequence they \
      are measured by a package of its own: swift run -c release --package-path Tests/Downstream channel-rates
      """
  )

  @Option(help: "How many rounds the times are the medians of.")
  var rounds = 9

  private static let timed: [Contestant] = [
    .channel(capacity: 256), .channel(budget: 256), .channel(capacity: 16), .channel(capacity: 1),
    .channel(capacity: 0),
    .channel(capacity: 256, batch: 64), .asyncStream, .lockedDeque(capacity: 256),
  ]

  func validate() throws {
    if rounds < 1 { throw ValidationError("There must be a round at least.") }
  }

  func run() async throws {
    if malloc_count() < 0 { throw ValidationError("Allocations cannot be counted in this build.") }
    let loop = try RingLoop()
    await printTimes(loop)
    let isWithinLimits = await printAllocations(loop)
    await loop.shutDown()
    if !isWithinLimits { throw ExitCode(1) }
  }

  private func printTimes(_ loop: RingLoop) async {
    let oneToOne = Round(producers: 1, consumers: 1, executor: loop)
    print(await Comparison("One to one, on one loop", oneToOne, Self.timed, rounds))
    let crowd = Round(producers: 8, consumers: 8, executor: nil)
    print(await Comparison("8 producers and 8 consumers, on the pool", crowd, Self.timed.filter(\.isForMany), rounds))
  }

  // MARK: Allocations

  private func printAllocations(_ loop: RingLoop) async -> Bool {
    var isWithinLimits = true
    print("Allocations for an element, on one loop    counted     limit")
    for limit in AllocationLimit.all {
      let allocations = await limit.count(on: loop)
      let name = limit.title.padding(toLength: 40, withPad: " ", startingAt: 0)
      print(name + String(format: "%10.4f%10.2f", allocations, limit.most))
      isWithinLimits = isWithinLimits && allocations <= limit.most
    }
    return isWithinLimits
  }
}
