import AsyncPipeline

extension Pipeline<Int> {
  /// The numbers from 0 on, sent one by one by a task of its own, which ends with the run: that finishes the feed.
  static func feed(upTo count: Int, capacity: Int) -> Pipeline {
    let feed = Channel<Int>(capacity: capacity)
    Task {
      for element in 0..<count { guard case .sent = await feed.send(element) else { return } }
      feed.finish()
    }
    return Pipeline(feed: feed)
  }
}
