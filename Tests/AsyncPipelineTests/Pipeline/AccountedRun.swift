import Testing

@testable import AsyncPipeline

/// A pipeline of all kinds of stages and fused operators, all of whose properties follow from a seed.
struct AccountedRun: Sendable {
  let seed: Int
  /// Failures that were passed on.
  let routed = Log<PipelineFailure>()

  /// - Parameter policy: nil for one that follows from the seed.
  func pipeline(_ policy: FailurePolicy? = nil, endless: Bool = false) -> Pipeline<Int> {
    var generator = SeededGenerator(seed: seed)
    let count = endless ? Int.max : Int.random(in: 0...600, using: &generator)
    var pipeline = source(count, &generator)
    for stage in 0..<Int.random(in: 1...4, using: &generator) {
      pipeline = operators(behind: concurrent(behind: pipeline, stage, &generator), stage, &generator)
    }
    return pipeline.onFailure(policy ?? randomPolicy(&generator))
  }

  private func randomPolicy(_ generator: inout SeededGenerator) -> FailurePolicy {
    switch Int.random(in: 0..<5, using: &generator) {
    case 0: .failFast
    case 1: .skip
    case 2: .collect(limit: Int.random(in: 0...40, using: &generator))
    default: routing
    }
  }

  var routing: FailurePolicy {
    .route { failure in
      await yieldAtRandom(seed, failure.attempt)
      routed.append(failure)
    }
  }

  private func source(_ count: Int, _ generator: inout SeededGenerator) -> Pipeline<Int> {
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: return Pipeline(0..<count)
    case 1: return .stream(upTo: count)
    case 2: return .feed(upTo: count, capacity: Int.random(in: 0...100, using: &generator))
    default: return .batches(upTo: count, of: Int.random(in: 1...100, using: &generator))
    }
  }

  private func concurrent(
    behind pipeline: Pipeline<Int>, _ stage: Int, _ generator: inout SeededGenerator
  ) -> Pipeline<Int> {
    let order: OutputOrder<Int> =
      [
        .completion, .input(window: 1), .input(window: 7), .input(window: 64), .perKey { $0 % 5 },
      ].randomElement(using: &generator)!
    let width = Int.random(in: 1...5, using: &generator)
    let failing = failing(stage, &generator)
    let work: @Sendable (Int) async throws -> Int = { element in
      await yieldAtRandom(seed + stage, element)
      return try failing(element)
    }
    switch Int.random(in: 0..<7, using: &generator) {
    case 0, 1: return pipeline.mapAsync(width: width, order: order, work)
    case 2: return pipeline.mapAsync(width: width, readAhead: 3, order: order, retry: .retry(max: 2), work)
    case 3:
      return pipeline.mapWithResource(width: width, order: order, open: {}, close: { _ in }) { try await work($1) }
    case 4:
      return pipeline.flatMapAsync(width: width) { element in
        let last = try await work(element) % 3
        return AsyncThrowingStream { continuation in
          for _ in 0..<last { continuation.yield(element) }
          continuation.finish(throwing: element % 20 == 1 ? Failure(element: element) : nil)
        }
      }
    case 5:
      let varied = Varied(emitsTogether: seed % 2 == 0, work: work)
      return pipeline.through(varied.then(varied), width: width)
    default: break
    }
    let executors = [QueueExecutor(), QueueExecutor()]
    return pipeline.mapAsync(on: (0..<width).map { executors[$0 % 2] }, order: order, open: {}) { try await work($1) }
  }

  private func operators(
    behind pipeline: Pipeline<Int>, _ stage: Int, _ generator: inout SeededGenerator
  ) -> Pipeline<Int> {
    let failing = failing(stage + 10, &generator)
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: return pipeline.map(failing).erased
    case 1: return pipeline.filter { try failing($0) % 2 == 0 }.tap { _ = try failing($0) }.erased
    case 2: return pipeline.compactMap { $0 % 5 == 1 ? nil : try failing($0) }.filter { $0 != 7 }.erased
    case 3: return pipeline.flatMap { [Int](repeating: try failing($0), count: $0 % 4) }.erased
    case 4:
      return pipeline.flatMap { $0 % 50 == 0 ? 0..<200 : $0..<($0 + 1) }.map(failing).filter { $0 % 3 == 0 }.erased
    case 5: return pipeline.map(failing).prefix(Int.random(in: 0...100, using: &generator)).erased
    case 6: return pipeline.scan(0) { _, element in try failing(element) }.erased
    default: return pipeline
    }
  }

  /// Fails for some of the elements, which are the same ones each time.
  private func failing(_ place: Int, _ generator: inout SeededGenerator) -> @Sendable (Int) throws -> Int {
    let share = [0, 0, 2, 10, 100].randomElement(using: &generator)!
    return { element in
      var generator = SeededGenerator(seed: seed &* 31 &+ place &* 7 &+ element)
      if Int.random(in: 0..<100, using: &generator) < share { throw Failure(element: element) }
      return element
    }
  }
}
