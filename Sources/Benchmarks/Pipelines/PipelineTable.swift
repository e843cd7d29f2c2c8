import AsyncPipeline
import Measurement

/// What an element costs on its way through operators and stages, as differences between runs of one process.
struct PipelineTable {
  let elements: Int
  let rounds: Int

  private struct Case {
    let name: String
    /// - Returns: how many elements came out.
    let run: @Sendable (Range<Int>) async throws -> Int
  }

  func measured() async throws -> MeasuredTable {
    let cases = [
      Case(name: "no operator") { try await Pipeline($0).count() },
      Case(name: "one map, ten closures by hand") { range in
        try await Pipeline(range).map { $0 &* 3 &+ 1 ^ 5 &+ 7 &* 3 ^ 11 &+ 13 }.count()
      },
      Case(name: "ten closures composed by hand") { try await Self.composed($0) },
      Case(name: "ten maps") { try await Self.tenMaps($0) },
      Case(name: "ten maps, each erased") { try await Self.tenErasedMaps($0) },
      Case(name: "mapAsync(width: 1), input order") { try await Pipeline($0).mapAsync(width: 1) { $0 }.count() },
      Case(name: "mapAsync(width: 1), completion order") {
        try await Pipeline($0).mapAsync(width: 1, order: .completion) { $0 }.count()
      },
      Case(name: "mapAsync(width: 8), input order") { try await Pipeline($0).mapAsync(width: 8) { $0 }.count() },
      Case(name: "mapAsync(width: 8), completion order") {
        try await Pipeline($0).mapAsync(width: 8, order: .completion) { $0 }.count()
      },
      Case(name: "mapAsync(width: 1) and forEach") { range in
        try await Pipeline(range).mapAsync(width: 1) { $0 }.forEach { _ in }.stages.last?.output ?? 0
      },
      Case(name: "forEach") { try await Pipeline($0).forEach { _ in }.stages.last?.output ?? 0 },
      Case(name: "forEach of strings") { try await Self.strings($0).forEach { _ in }.stages.last?.output ?? 0 },
      Case(name: "mapAsync(width: 8) and forEach of strings") { range in
        try await Self.strings(range).mapAsync(width: 8) { $0 }.forEach { _ in }.stages.last?.output ?? 0
      },
      Case(name: "mapAsync(width: 8), completion order, of strings") { range in
        try await Self.strings(range).mapAsync(width: 8, order: .completion) { $0 }.count()
      },
      Case(name: "buffer(bytes:) and forEach of strings") { range in
        try await Self.strings(range).buffer(bytes: 1 << 20) { $0.utf8.count }.forEach { _ in }.stages.last?.output ?? 0
      },
    ]
    var times = [[Double]](repeating: [], count: cases.count)
    for _ in 0..<rounds {
      for (index, item) in cases.enumerated() {
        let start = ContinuousClock.now
        let count = try await item.run(0..<elements)
        precondition(count == elements, "an element was lost")
        times[index].append((ContinuousClock.now - start) / .nanoseconds(1) / Double(elements))
      }
    }
    return MeasuredTable(
      "pipeline", title: "An element on its way through a pipeline",
      columns: [.init("nanoseconds", "ns", places: 1), .init("least", "min", places: 1)],
      rows: zip(cases, times).map { item, times in
        let sample = Sample(times)
        return .init(item.name, ["nanoseconds": sample?.median, "least": sample?.minimum])
      })
  }

  /// Elements that may weigh any number of bytes, as far as their type tells.
  private static func strings(_ range: Range<Int>) -> some PipelineProtocol<String> {
    Pipeline(range).map { $0 & 1 == 0 ? "even" : "odd" }
  }

  // MARK: The fused chain

  /// The compiler must not know them where they are composed.
  @inline(never)
  private static func makeClosures() -> [@Sendable (Int) throws -> Int] {
    [
      { $0 &+ 1 }, { $0 &* 3 }, { $0 ^ 5 }, { $0 &+ 7 }, { $0 &* 9 }, { $0 ^ 11 }, { $0 &+ 13 }, { $0 &* 15 },
      { $0 ^ 17 },
      { $0 &+ 19 },
    ]
  }

  private static func composed(_ range: Range<Int>) async throws -> Int {
    let closures = makeClosures()
    let (a, b, c, d, e) = (closures[0], closures[1], closures[2], closures[3], closures[4])
    let (f, g, h, i, j) = (closures[5], closures[6], closures[7], closures[8], closures[9])
    return try await Pipeline(range).map { try j(i(h(g(f(e(d(c(b(a($0)))))))))) }.count()
  }

  private static func tenMaps(_ range: Range<Int>) async throws -> Int {
    let closures = makeClosures()
    return try await Pipeline(range).map(closures[0]).map(closures[1]).map(closures[2]).map(closures[3]).map(
      closures[4]
    )
    .map(closures[5]).map(closures[6]).map(closures[7]).map(closures[8]).map(closures[9]).count()
  }

  private static func tenErasedMaps(_ range: Range<Int>) async throws -> Int {
    var pipeline = Pipeline(range)
    for closure in makeClosures() { pipeline = pipeline.map(closure).erased }
    return try await pipeline.count()
  }
}
