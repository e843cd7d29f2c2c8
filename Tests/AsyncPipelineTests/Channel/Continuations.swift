@testable import AsyncPipeline

/// Real continuations, two for each task that a test of the state machine simulates. They are passed to the machine any
/// number of times, and identified in its actions. Each is resumed once, at the end of the test.
struct Continuations: Sendable {
  typealias Machine = ChannelStateMachine<Int, Failure>

  let producers: [Machine.ProducerContinuation]
  let consumers: [Machine.ConsumerContinuation]

  static func with<R>(count: Int, _ body: (Continuations) throws -> R) async rethrows -> R {
    var producers: [Machine.ProducerContinuation] = []
    var consumers: [Machine.ConsumerContinuation] = []
    for _ in 0..<count {
      producers.append(await suspendTask())
      consumers.append(await suspendTask())
    }
    defer {
      for continuation in producers { continuation.resume(returning: .sent) }
      for continuation in consumers { continuation.resume(returning: .nothing) }
    }
    return try body(Continuations(producers: producers, consumers: consumers))
  }

  private static func suspendTask<T: Sendable>() async -> UnsafeContinuation<T, Never> {
    await withUnsafeContinuation { made in
      Task { _ = await withUnsafeContinuation { made.resume(returning: $0) } }
    }
  }

  var count: Int { producers.count }

  func task(of continuation: Machine.ProducerContinuation) -> Int? {
    producers.firstIndex { Self.address($0) == Self.address(continuation) }
  }

  func task(of continuation: Machine.ConsumerContinuation) -> Int? {
    consumers.firstIndex { Self.address($0) == Self.address(continuation) }
  }

  /// A continuation is the address of its task.
  private static func address<T>(_ continuation: UnsafeContinuation<T, Never>) -> UInt {
    unsafeBitCast(continuation, to: UInt.self)
  }
}
