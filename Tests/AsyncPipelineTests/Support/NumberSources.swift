import AsyncPipeline

/// The numbers from 0 on, from each kind of source.
extension Pipeline<Int> {
  /// An asynchronous sequence.
  static func stream(upTo count: Int) -> Pipeline {
    let next = Counter()
    return Pipeline(
      AsyncStream {
        let element = next.add() - 1
        return element < count ? element : nil
      })
  }

  /// Batches on a thread of their own.
  static func batches(upTo count: Int, of size: Int) -> Pipeline {
    Pipeline(on: QueueExecutor()) {
      var next = 0
      return {
        if next == count { return nil }
        let batch = Array(next..<Swift.min(count, next + size))
        next += batch.count
        return batch
      }
    }
  }

  /// A feed. The sending task ends with the run, which finishes the feed.
  static func feed(upTo count: Int, capacity: Int) -> Pipeline {
    let feed = Channel<Int>(capacity: capacity)
    Task {
      for element in 0..<count { guard case .sent = await feed.send(element) else { return } }
      feed.finish()
    }
    return Pipeline(feed: feed)
  }
}
