import Synchronization

@testable import AsyncPipeline

/// Elements through two concurrent stages and a fused operator, each of which fails for some: for a tenth in all. What
/// the stages are like follows from a seed.
struct EnduranceRun: Sendable {
  enum Policy: CaseIterable {
    case failFast, skip, collect, route
  }

  let seed: Int
  let count: Int
  let policy: Policy
  /// How often each element has come to the sink.
  let arrivals: Tally
  /// How often each element was routed.
  let routed: Tally
  /// When the run is to be cancelled; never, if it is nil.
  let end: CancellationPoint?

  /// - Parameter isCancelled: whether the run is cancelled, at a point that follows from the seed.
  init(seed: Int, count: Int, policy: Policy, isCancelled: Bool) {
    (self.seed, self.count, self.policy) = (seed, count, policy)
    (arrivals, routed) = (Tally(count), Tally(count))
    end = isCancelled ? CancellationPoint(seed: seed, count: count) : nil
  }

  func prepare() -> PreparedRun<Void> {
    var generator = SeededGenerator(seed: seed)
    let source = source(&generator)
    return concurrent(.second, behind: concurrent(.first, behind: source, &generator), &generator)
      .onFailure(failurePolicy)
      .prepareForEach { element in
        arrivals.add(element)
        end?.pass(.sink)
      }
  }

  enum Place: Int, CaseIterable {
    case fused, first, second, sink
  }

  /// Whether an element is one of the tenth. Which it is differs from run to run.
  func fails(_ element: Int, at place: Place) -> Bool {
    let number = number(element)
    return switch place {
    case .fused: number >= 90 && number < 93
    case .first: number >= 93 && number < 97
    case .second: number >= 97
    case .sink: false
    }
  }

  /// Whether it fails at any of the places.
  func fails(_ element: Int) -> Bool { number(element) >= 90 }

  private func number(_ element: Int) -> Int { (element &+ seed &* 37) % 100 }

  private func work(_ element: Int, at place: Place) throws -> Int {
    end?.pass(place)
    if fails(element, at: place) { throw Failure(element: element) }
    return element
  }

  private var failurePolicy: FailurePolicy {
    switch policy {
    case .failFast: .failFast
    case .skip: .skip
    case .collect: .collect(limit: count)
    case .route:
      .route { failure in
        if failure.attempt % 2 == 0 { await Task.yield() }
        routed.add(Int(failure.element)!)
      }
    }
  }

  private func source(_ generator: inout SeededGenerator) -> Pipeline<Int> {
    let source =
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: Pipeline.stream(upTo: count)
      case 1: Pipeline.batches(upTo: count, of: Int.random(in: 1...200, using: &generator))
      default: Pipeline(0..<count)
      }
    return source.map { try work($0, at: .fused) }.erased
  }

  private func concurrent(
    _ place: Place, behind pipeline: Pipeline<Int>, _ generator: inout SeededGenerator
  ) -> Pipeline<Int> {
    let orders: [OutputOrder<Int>] = [.completion, .input, .input(window: 7), .perKey { $0 % 11 }]
    let order = orders.randomElement(using: &generator)!
    let width = Int.random(in: 1...8, using: &generator)
    let retry = [Retry.never, .never, .retry(max: 1)].randomElement(using: &generator)!
    if Int.random(in: 0..<4, using: &generator) == 0 {
      let executors = [QueueExecutor(), QueueExecutor()]
      return pipeline.mapAsync(on: (0..<width).map { executors[$0 % 2] }, order: order, open: {}) { _, element in
        try work(element, at: place)
      }
    }
    return pipeline.mapAsync(width: width, order: order, retry: retry) { element in
      if element % 256 == 0 { await Task.yield() }
      return try work(element, at: place)
    }
  }
}

/// The moment at which some place in a pipeline has seen some number of elements.
final class CancellationPoint: Sendable {
  private let place: EnduranceRun.Place
  private let calls: Int
  private let passed = Atomic<Int>(0)
  private let gate = Gate()

  init(seed: Int, count: Int) {
    // Of other numbers than those that the pipeline follows from.
    var generator = SeededGenerator(seed: ~seed)
    place = EnduranceRun.Place.allCases.randomElement(using: &generator)!
    calls = Int.random(in: 0...count, using: &generator)
    if calls == 0 { gate.open() }
  }

  func pass(_ place: EnduranceRun.Place) {
    guard place == self.place else { return }
    if passed.add(1, ordering: .relaxed).newValue == calls { gate.open() }
  }

  /// Returns when it is time, or the run has ended before.
  func wait() async { await gate.wait() }
  func runHasEnded() { gate.open() }
}

/// How often each of the numbers from 0 on has been seen.
final class Tally: Sendable {
  private let times: Mutex<[UInt8]>

  init(_ count: Int) {
    times = Mutex(Array(repeating: 0, count: count))
  }

  func add(_ element: Int) {
    times.withLock { $0[element] += 1 }
  }

  /// How many of those that `isExpected` holds for have been seen once; nil if any other was seen, or one of them
  /// twice.
  func countOnce(_ isExpected: (Int) -> Bool) -> Int? {
    times.withLock { times in
      var count = 0
      for (element, times) in times.enumerated() where times > 0 {
        if times > 1 || !isExpected(element) { return nil }
        count += 1
      }
      return count
    }
  }
}
