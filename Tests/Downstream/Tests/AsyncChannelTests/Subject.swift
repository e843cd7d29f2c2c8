import AsyncAlgorithms
import AsyncPipeline

/// A rendezvous: that of swift-async-algorithms, and the one that must behave like it.
struct Subject: Sendable {
  enum Kind: CaseIterable {
    case asyncThrowingChannel, throwingChannel
  }

  let send: @Sendable (Int) async -> Void
  let next: @Sendable () async throws -> Int?
  let finish: @Sendable () -> Void
  let fail: @Sendable (any Error) -> Void

  init(_ kind: Kind) {
    switch kind {
    case .asyncThrowingChannel:
      let channel = AsyncThrowingChannel<Int, any Error>()
      send = { await channel.send($0) }
      next = {
        var iterator = channel.makeAsyncIterator()
        return try await iterator.next()
      }
      finish = { channel.finish() }
      fail = { channel.fail($0) }
    case .throwingChannel:
      let channel = ThrowingChannel<Int, any Error>()
      send = { await channel.send($0) }
      next = {
        var iterator = channel.makeAsyncIterator()
        return try await iterator.next()
      }
      finish = { channel.finish() }
      fail = { channel.fail($0) }
    }
  }

  /// What `next` ends with.
  enum Outcome: Equatable {
    case element(Int)
    case end, failure
  }

  var outcome: Outcome {
    get async {
      do { return try await next().map(Outcome.element) ?? .end } catch { return .failure }
    }
  }
}
