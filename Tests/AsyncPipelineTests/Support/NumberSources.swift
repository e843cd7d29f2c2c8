import AsyncPipeline

/// The numbers from 0 on, from sources of all kinds.
extension Pipeline<Int> {
  /// Asked for one by one.
  static func stream(upTo count: Int) -> Pipeline {
    let next = Counter()
    return Pipeline(
      AsyncStream {
        let element = next.add() - 1
        return element < count ? element : nil
      })
  }

  /// From a thread of their own.
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

  /// Sent one by one by a task of its own, which ends with the run: that finishes the feed.
  static func feed(upTo count: Int, capacity: Int) -> Pipeline {
    let feed = Channel<Int>(capacity: capacity)
    Task {
      for element in 0..<count { guard case .sent = await feed.send(element) else { return } }
      feed.finish()
    }
    return Pipeline(feed: feed)
  }
}
