extension PipelineProtocol {
  /// Pairs the first element of one pipeline with the first of another, the second with the second, and so on.
  ///
  /// The pipelines run at the same time. What happens to elements that fail says the first of the two that says it;
  /// under a policy that leaves them out, those that remain are paired. Of the two elements of a pair, the report
  /// counts one as output and the other as combined.
  ///
  /// - *emits* pairs as soon as both elements are there, in their order
  /// - *suspends* either pipeline while it holds 64 elements of it, or fewer as ``Pipeline`` says; each task of the
  ///   stage before holds half as many more at most
  /// - *finishes* when one of the pipelines has and its elements have gone. The other one is then ended, and what it
  ///   had under way is counted as cancelled; the run goes on and ends well
  /// - *on cancel* drops what it holds, and counts it as cancelled
  /// - *on failure* it cannot fail; the failure of one pipeline that ends the run ends both
  @inlinable
  public func zip<Other: Sendable>(with other: some PipelineProtocol<Other>) -> Pipeline<(Element, Other)> {
    let (left, right) = (erased, other.erased)
    return Pipeline<(Element, Other)>(policy: left.policy ?? right.policy) { run in
      let (left, right) = (left.make(run), right.make(run))
      let pairing = Pairing(of: run.addStage("zip"), left, right)
      return Producer(stage: pairing.stage, bound: .behind([left.bound, right.bound])) { makeEmitter in
        try await pairing.run(makeEmitter)
      }
    }
  }
}

/// A zip in one run.
@usableFromInline
struct Pairing<Left: Sendable, Right: Sendable>: Sendable {
  @usableFromInline let stage: StageCounters
  @usableFromInline let left: Producer<Left>
  @usableFromInline let right: Producer<Right>
  /// For each side.
  @usableFromInline let room: StageBudget

  @inlinable
  init(of stage: StageCounters, _ left: Producer<Left>, _ right: Producer<Right>) {
    (self.stage, self.left, self.right) = (stage, left, right)
    room = .usual(behind: .behind([left.bound, right.bound]), of: (Left, Right).self)
  }

  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<(Left, Right)>) async throws {
    let lefts = StageInputQueue<Left>(of: stage, capacity: room.queue)
    let rights = StageInputQueue<Right>(of: stage, capacity: room.queue)
    defer {
      lefts.countRemainingAsCancelled()
      rights.countRemainingAsCancelled()
    }
    let demand = Demand()
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await feed(lefts, from: left) }
        group.addTask { try await feed(rights, from: right) }
        group.addTask {
          try await stage.life.measure {
            try await withEmitter(makeEmitter) { emitter in try await pair(lefts, rights, emitter) }
          }
          // One side has ended: the other need not go on.
          throw EndOfDemand(demand)
        }
        // Leaves with the first failure, which cancels the others.
        while try await group.next() != nil {}
      }
    } catch let end as EndOfDemand where end.demand === demand {
    }
  }

  @inlinable
  func feed<Side>(_ inlet: StageInputQueue<Side>, from producer: Producer<Side>) async throws {
    try await producer.produce { inlet.makeEmitter(from: producer.stage, size: room.hand) }
    inlet.finish()
  }

  @inlinable
  func pair(
    _ lefts: StageInputQueue<Left>, _ rights: StageInputQueue<Right>, _ emitter: Emitter<(Left, Right)>
  ) async throws {
    var (left, right): ([Left], [Right]) = ([], [])
    // For the elements of both.
    var tokens = ElementToken(of: stage, 0)
    while true {
      if left.isEmpty, right.isEmpty {
        let isOver = try await receiveFirst(of: lefts, rights, &left, &right, &tokens)
        if isOver { return }
      }
      if left.isEmpty {
        guard let batch = try await lefts.next(upTo: room.hand) else { return }
        left = batch.elements
        tokens.merge(batch.tokens)
      }
      if right.isEmpty {
        guard let batch = try await rights.next(upTo: room.hand) else { return }
        right = batch.elements
        tokens.merge(batch.tokens)
      }
      let pairs = Array(Swift.zip(left, right))
      left.removeFirst(pairs.count)
      right.removeFirst(pairs.count)
      tokens.split(pairs.count).combine()
      try await emitter.emit(contentsOf: pairs, tokens.split(pairs.count))
      try await emitter.flush()
    }
  }

  @usableFromInline
  enum Arrival: Sendable {
    case left([Left])
    case right([Right])
  }

  /// Where there is nothing of either side, waits for both: to wait for one would be in vain if the other had ended.
  ///
  /// - Returns: whether the side that came first has ended.
  @inlinable
  func receiveFirst(
    of lefts: StageInputQueue<Left>, _ rights: StageInputQueue<Right>, _ left: inout [Left], _ right: inout [Right],
    _ tokens: inout ElementToken
  ) async throws -> Bool {
    (left, right) = (lefts.channel.tryReceive(upTo: room.hand), rights.channel.tryReceive(upTo: room.hand))
    tokens.merge(stage.take(left.count + right.count))
    if !left.isEmpty || !right.isEmpty { return false }
    let arrivals = await stage.starved.measure {
      await withTaskGroup(of: Arrival.self) { group in
        group.addTask { .left(await lefts.channel.receive(upTo: room.hand)) }
        group.addTask { .right(await rights.channel.receive(upTo: room.hand)) }
        var arrivals: [Arrival] = []
        while let arrival = await group.next() {
          arrivals.append(arrival)
          group.cancelAll()
        }
        return arrivals
      }
    }
    // The second may have come with something before its wait was cancelled.
    for case .left(let batch) in arrivals { left = batch }
    for case .right(let batch) in arrivals { right = batch }
    tokens.merge(stage.take(left.count + right.count))
    try Task.checkCancellation()
    switch arrivals[0] {
    case .left: return left.isEmpty
    case .right: return right.isEmpty
    }
  }
}
