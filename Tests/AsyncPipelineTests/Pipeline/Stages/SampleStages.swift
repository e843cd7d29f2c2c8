import AsyncPipeline

/// Equal elements that follow one another as one, with their number.
struct RunLengths: Stage {
  private var run: (element: Int, count: Int)?

  mutating func process(_ element: Int, in context: StageContext<[Int]>) async throws {
    if let run, run.element == element {
      self.run?.count += 1
    } else {
      try await finish(in: context)
      run = (element, 1)
    }
    context.keep()
  }

  mutating func finish(in context: StageContext<[Int]>) async throws {
    if let run { try await context.emit([run.element, run.count], combining: run.count) }
  }
}

/// Each element as often as it says, failing for some.
struct Repeated: Stage {
  var failsAfter: @Sendable (Int) -> Bool = { _ in false }

  mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
    for _ in 0..<element { try await context.emit(element) }
    if failsAfter(element) { throw Failure(element: element) }
  }
}

/// Lets some elements pass.
struct Passing: Stage {
  var emitsTogether = false
  let isIncluded: @Sendable (Int) throws -> Bool

  mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
    if try isIncluded(element) { try await context.emit(element) } else { context.count("dropped") }
  }
}

/// Each element only when `count` others have come after it; the last ones at the end.
struct Delayed: Stage {
  let count: Int
  private var kept: [Int] = []

  init(by count: Int) {
    self.count = count
  }

  mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
    kept.append(element)
    context.keep()
    if kept.count > count { try await context.emit(kept.removeFirst()) }
  }

  mutating func finish(in context: StageContext<Int>) async throws {
    for element in kept { try await context.emit(element) }
  }
}

/// Emits one, several or no elements for one, keeps some, and puts some together.
struct Varied: Stage {
  let emitsTogether: Bool
  let work: @Sendable (Int) async throws -> Int
  private var kept: [Int] = []

  init(emitsTogether: Bool = false, work: @escaping @Sendable (Int) async throws -> Int) {
    (self.emitsTogether, self.work) = (emitsTogether, work)
  }

  mutating func process(_ element: Int, in context: StageContext<Int>) async throws {
    for _ in 0..<element % 3 { try await context.emit(element) }
    if element % 5 == 0 {
      kept.append(element)
      context.keep()
    }
    if kept.count == 4 {
      try await context.emit(kept[0], combining: 3)
      try await context.emit(kept[3])
      kept = []
    }
    _ = try await work(element)
  }

  mutating func finish(in context: StageContext<Int>) async throws {
    for element in kept { try await context.emit(element) }
  }
}
