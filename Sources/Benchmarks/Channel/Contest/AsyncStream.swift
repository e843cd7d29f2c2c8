extension Contestant {
  /// It makes no producer wait. One that lets others have a turn now and then comes nearest.
  static let asyncStream = Contestant(name: "AsyncStream", isForMany: false) {
    let (stream, continuation) = AsyncStream<Int>.makeStream()
    return Ends(
      produce: { count in
        for number in 0..<count {
          continuation.yield(number)
          if number % 256 == 255 { await Task.yield() }
        }
      },
      finish: { continuation.finish() },
      consume: {
        var sum = 0
        for await number in stream { sum += number }
        return sum
      })
  }
}
