import AsyncPipeline

extension Contestant {
  static func channel(capacity: Int) -> Contestant {
    Contestant(name: "Channel, \(capacity)") {
      let channel = Channel<Int>(capacity: capacity)
      return Ends(
        produce: { count in for number in 0..<count { await channel.send(number) } },
        finish: { channel.finish() },
        consume: {
          var sum = 0
          for await number in channel { sum += number }
          return sum
        })
    }
  }

  /// Bounded by weight, with as much room.
  static func channel(budget: Int) -> Contestant {
    Contestant(name: "Channel, \(budget) by weight") {
      let channel = Channel<Int>(budget: budget) { _ in 1 }
      return Ends(
        produce: { count in for number in 0..<count { await channel.send(number) } },
        finish: { channel.finish() },
        consume: {
          var sum = 0
          for await number in channel { sum += number }
          return sum
        })
    }
  }

  static func channel(capacity: Int, batch: Int) -> Contestant {
    Contestant(name: "Channel, \(capacity), batches of \(batch)") {
      let channel = Channel<Int>(capacity: capacity)
      return Ends(
        produce: { count in
          for start in stride(from: 0, to: count, by: batch) {
            await channel.send(contentsOf: Array(start..<min(start + batch, count)))
          }
        },
        finish: { channel.finish() },
        consume: {
          var sum = 0
          while true {
            let numbers = await channel.receive(upTo: batch)
            if numbers.isEmpty { return sum }
            for number in numbers { sum += number }
          }
        })
    }
  }
}
