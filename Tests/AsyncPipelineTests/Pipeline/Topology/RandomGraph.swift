@testable import AsyncPipeline

/// A pipeline of two to five operators that group, branch, or wait, all of whose properties follow from a seed.
struct RandomGraph {
  let pipeline: Pipeline<Int>

  init(seed: Int) {
    var generator = SeededGenerator(seed: seed)
    var pipeline = Self.source(seed, &generator)
    for depth in 0..<Int.random(in: 2...5, using: &generator) {
      let kind = Kind.allCases.randomElement(using: &generator)!
      pipeline = Self.adding(kind, to: pipeline, seed &+ depth, &generator)
    }
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: pipeline = pipeline.onFailure(.skip).erased
    case 1: pipeline = pipeline.onFailure(.collect(limit: 20)).erased
    case 2: pipeline = pipeline.onFailure(.route { _ in await Task.yield() }).erased
    default: break
    }
    self.pipeline = pipeline
  }

  private enum Kind: CaseIterable {
    case batch, buffer, heavyBuffer, merge, zip, tee, endingTee, partition, endingPartition, throttle, idle, total
    case mapAsync, prefix, stage, stages
  }

  private static func source(_ seed: Int, _ generator: inout SeededGenerator) -> Pipeline<Int> {
    let count = Int.random(in: 0...2_000, using: &generator)
    switch Int.random(in: 0..<3, using: &generator) {
    case 0: return Pipeline(0..<count)
    case 1: return .feed(upTo: count, capacity: count % 100)
    default: break
    }
    return Pipeline(
      AsyncStream { continuation in
        for element in 0..<count { continuation.yield(element) }
        continuation.finish()
      })
  }

  /// A closure that fails for some elements.
  private static func work(
    _ seed: Int, _ generator: inout SeededGenerator
  ) -> @Sendable (Int) async throws -> Int {
    let failing = [0, 0, 50, 500].randomElement(using: &generator)!
    return { element in
      if element % 64 == 0 { await yieldAtRandom(seed, element) }
      if failing > 0, element % failing == failing - 1 { throw Failure(element: element) }
      return element
    }
  }

  private static func adding(
    _ kind: Kind, to pipeline: Pipeline<Int>, _ seed: Int, _ generator: inout SeededGenerator
  ) -> Pipeline<Int> {
    let small = Int.random(in: 1...100, using: &generator)
    let work = work(seed, &generator)
    switch kind {
    case .batch:
      return pipeline.batch(count: small, weight: .atMost(300) { $0 % 40 }, within: .microseconds(small))
        .flatMap { $0 }.erased
    case .buffer: return pipeline.buffer(elements: small)
    case .heavyBuffer: return pipeline.buffer(bytes: small) { $0 % 50 }
    case .merge: return pipeline.merge(with: source(seed, &generator).mapAsync(width: 2, work))
    case .zip: return pipeline.zip(with: source(seed, &generator).mapAsync(width: 2, work)).map { $0.0 }.erased
    case .tee: return pipeline.tee { $0.mapAsync(width: 2, order: .completion, work) }
    case .endingTee: return pipeline.tee { $0.mapAsync(width: 2, work).prefix(small) }
    case .partition: return pipeline.partition(by: { $0 % 3 }, among: [0, 1, 2]) { $1.mapAsync(width: 2, work) }
    case .endingPartition:
      return pipeline.partition(by: { $0 % 4 }, among: [0, 1, 2, 3]) {
        $1.mapAsync(width: $0 + 1, work).prefix(small * $0)
      }
    case .throttle: return pipeline.throttle(RateLimit(perSecond: 1_000_000))
    case .idle: return pipeline.timeout(idle: .seconds(60))
    case .total: return pipeline.timeout(total: .seconds(60))
    case .mapAsync: return pipeline.mapAsync(width: 1 + small % 4, work)
    case .stage: return pipeline.through(Delayed(by: small), width: 1 + small % 3)
    case .stages:
      return pipeline.map { $0 % small }
        .through(Passing { $0 % 7 != 0 }.then(Repeated { $0 == 90 }).then(RunLengths()), width: 1 + small % 2)
        .map { $0[0] + $0[1] }.erased
    case .prefix: return pipeline.prefix(20 * small).erased
    }
  }
}
