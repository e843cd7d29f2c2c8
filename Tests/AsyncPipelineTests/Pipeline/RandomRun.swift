import AsyncPipeline

/// A pipeline of one to three concurrent stages, all of whose properties follow from a seed.
struct RandomRun: Sendable {
  let seed: Int
  /// Of elements in the source.
  let count: Int
  let atWork = Counter()
  private let widths: [Int]
  private let orders: [OutputOrder<Int>]
  private let batchSize: Int
  /// By each stage, elements that leave no remainder; none if it is 0.
  private let failing: [Int]

  init(seed: Int) {
    var generator = SeededGenerator(seed: seed)
    self.seed = seed
    count = Int.random(in: 0...200, using: &generator)
    batchSize = Int.random(in: 1...100, using: &generator)
    let stages = Int.random(in: 1...3, using: &generator)
    widths = (0..<stages).map { _ in Int.random(in: 1...8, using: &generator) }
    orders = (0..<stages).map { _ in
      let window = [1, 2, 3, 8, 64].randomElement(using: &generator)!
      return Int.random(in: 0..<3, using: &generator) == 0 ? .completion : .input(window: window)
    }
    failing = (0..<stages).map { _ in [0, 0, 1, 5, 50].randomElement(using: &generator)! }
  }

  var keepsOrder: Bool { orders.allSatisfy(\.keepsInputOrder) }

  var expected: [Int] {
    (0..<count).filter { element in failing.allSatisfy { $0 == 0 || element % $0 != 0 } }
  }

  var pipeline: Pipeline<Int> {
    var pipeline = source
    for stage in widths.indices {
      let work: @Sendable (Int) async throws -> Int = { element in
        atWork.add(1)
        defer { atWork.add(-1) }
        await yieldAtRandom(seed + stage, element)
        if failing[stage] > 0, element % failing[stage] == 0 { throw Failure(element: element) }
        return element
      }
      if (seed + stage) % 2 == 0 {
        pipeline = pipeline.mapAsync(width: widths[stage], order: orders[stage], work)
      } else {
        let executors = [QueueExecutor(), QueueExecutor()]
        let places = (0..<widths[stage]).map { executors[$0 % 2] }
        pipeline = pipeline.mapAsync(on: places, order: orders[stage], open: {}) { try await work($1) }
      }
    }
    return pipeline
  }

  private var source: Pipeline<Int> {
    switch seed % 3 {
    case 0: return Pipeline(0..<count)
    case 1: return .stream(upTo: count)
    default: return .batches(upTo: count, of: batchSize)
    }
  }
}
