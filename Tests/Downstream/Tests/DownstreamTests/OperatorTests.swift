import AsyncPipeline
import Testing

/// Each operator that the README names, as another package calls it.
@Suite(.timeLimit(.minutes(5)))
struct OperatorTests {
  private static let words = "the quick brown fox jumps over the lazy dog".split(separator: " ").map(String.init)

  private static func powers(of base: Int) -> UnfoldFirstSequence<Int> {
    sequence(first: 1) { $0 * base }
  }

  /// `flatMap` may transform an element into an infinite sequence; `prefix` ends it.
  @Test func synchronous_operators() async throws {
    let powers = try await Pipeline([2])
      .flatMap { Self.powers(of: $0) }
      .prefix(10)
      .scan(0, +)
      .compactMap { $0 > 1 ? "\($0)" : nil }
      .collect()
    #expect(powers == ["3", "7", "15", "31", "63", "127", "255", "511", "1023"])
  }

  /// Batches for a database, each of at most three rows and at most 12 bytes.
  @Test func batches_and_buffers() async throws {
    let batches = try await Pipeline(Self.words)
      .buffer(elements: 4)
      .batch(count: 3, weight: .atMost(12) { $0.utf8.count }, within: .seconds(60))
      .collect()
    #expect(batches.joined().elementsEqual(Self.words))
    #expect(batches.allSatisfy { $0.count <= 3 && $0.reduce(0) { $0 + $1.utf8.count } <= 12 })
    let report = try await Pipeline(Self.words.map { Array($0.utf8) }).buffer(bytes: 8).run()
    #expect(report.stages[1].bytes == 35)
  }

  @Test func several_pipelines() async throws {
    let merged = try await Pipeline(1...10).merge(with: Pipeline(11...20), Pipeline(21...30)).collect()
    #expect(merged.sorted() == Array(1...30))
    let numbered = try await Pipeline(1...).zip(with: Pipeline(Self.words)).map { "\($0) \($1)" }.collect()
    #expect(numbered.first == "1 the" && numbered.last == "9 dog")
  }

  private enum Length: CaseIterable {
    case short, long
  }

  /// Short words are processed one by one, and long ones concurrently; a second branch counts all of them.
  @Test func branches() async throws {
    let report = try await Pipeline(Self.words)
      .tee { $0.batch(count: 2) }
      .partition(by: { $0.count > 3 ? .long : .short }) { (length: Length, words) in
        switch length {
        case .short: words.map { $0.count }.erased
        case .long: words.mapAsync(width: 2) { $0.count }
        }
      }
      .run()
    #expect(report.stages.first { $0.name == "partition: long" }?.output == 5)
    #expect(report.stages.first { $0.name == "tee branch" }?.input == Self.words.count)
  }

  /// Runs that share a limit share its rate.
  @Test func limits_in_time() async throws {
    let limit = RateLimit(perSecond: 1_000_000)
    let pipeline = Pipeline(Self.words)
      .throttle(limit) { $0.utf8.count }
      .timeout(idle: .seconds(60))
      .timeout(total: .seconds(240))
    async let first = pipeline.count()
    async let second = pipeline.count()
    let counts = try await [first, second]
    #expect(counts == [9, 9])
  }

  @Test func channels() async throws {
    let bytes = Channel<[UInt8]>(budget: 6, weight: \.count)
    #expect(bytes.trySend([1, 2, 3, 4]) == .sent)
    #expect(bytes.trySend([5, 6, 7]) == .full([5, 6, 7]))
    #expect(bytes.tryReceive(upTo: 9) == [[1, 2, 3, 4]])
    let numbers = ThrowingChannel<Int, any Error>(capacity: 3)
    await numbers.send(contentsOf: [1, 2, 3])
    numbers.fail(CancellationError())
    var sum = 0
    await #expect(throws: CancellationError.self) { for try await number in numbers { sum += number } }
    #expect(sum == 6)
  }
}
