import AsyncAlgorithms
import NIOCore
import Synchronization

extension Contestant {
  static let asyncChannel = Contestant(name: "AsyncChannel") {
    let channel = AsyncChannel<Int>()
    return Ends(
      produce: { count in for number in 0..<count { await channel.send(number) } },
      finish: { channel.finish() },
      consume: {
        var sum = 0
        for await number in channel { sum += number }
        return sum
      })
  }

  /// It tells a producer when to stop, and when to go on; waiting is up to the producer.
  static let nioProducer = Contestant(name: "NIOAsyncSequenceProducer, 256", isForMany: false) {
    let signal = Signal()
    let made = NIOAsyncSequenceProducer.makeSequence(
      elementType: Int.self,
      backPressureStrategy: NIOAsyncSequenceProducerBackPressureStrategies.HighLowWatermark(
        lowWatermark: 128, highWatermark: 256),
      finishOnDeinit: false, delegate: signal)
    // The sequence ends when it is released: the first consumer gets it.
    let sequence = Mutex(Optional(made.sequence))
    return Ends(
      produce: { count in
        for number in 0..<count where made.source.yield(number) == .stopProducing { await signal.wait() }
      },
      finish: { made.source.finish() },
      consume: {
        guard let numbers = sequence.withLock({ $0.take() }) else { return 0 }
        var sum = 0
        for await number in numbers { sum += number }
        return sum
      })
  }
}

/// Lets a producer go on that was told to stop.
private final class Signal: NIOAsyncSequenceProducerDelegate {
  private enum State {
    case idle, given
    case awaited(CheckedContinuation<Void, Never>)
  }

  private let state = Mutex(State.idle)

  func produceMore() {
    let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
      if case .awaited(let continuation) = state {
        state = .idle
        return continuation
      }
      state = .given
      return nil
    }
    waiting?.resume()
  }

  func didTerminate() {
    produceMore()
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isGiven = state.withLock { state in
        if case .given = state {
          state = .idle
          return true
        }
        state = .awaited(continuation)
        return false
      }
      if isGiven { continuation.resume() }
    }
  }
}
