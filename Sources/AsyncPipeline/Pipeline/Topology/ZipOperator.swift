extension PipelineProtocol {
  /// Pairs the first element of one pipeline with the first of another, the second with the second, and so on.
  ///
  /// The pipelines run concurrently. The failure policy is that of the first of the two that has one; under a policy
  /// that drops failed elements, the remaining ones are paired. Of the two elements of a pair, the report counts one as
  /// output and the other as combined.
  ///
  /// - *emits* a pair as soon as both of its elements have arrived, in input order
  /// - *suspends* either pipeline while it holds 64 elements of it, or fewer as ``Pipeline`` says; each task of the
  ///   stage before holds half as many more at most
  /// - *finishes* when one of the pipelines has finished and its elements have been emitted. The other pipeline is then
  ///   ended, and its elements are counted as cancelled; the run continues, and succeeds
  /// - *on cancel* drops the elements that it holds, and counts them as cancelled
  /// - *on failure* it cannot fail; if the failure of one pipeline ends the run, it ends both
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
          // One side has ended, and the other is not needed any more.
          throw EndOfDemand(demand)
        }
        // Exits with the first error, which cancels the others.
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
        let hasEnded = try await receiveFirst(of: lefts, rights, &left, &right, &tokens)
        if hasEnded { return }
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

  /// Waits for both sides if there are no elements of either: a wait for one alone would not notice that the other has
  /// ended.
  ///
  /// - Returns: whether the side that arrived first has ended.
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
    // The second side may have received elements before its wait was cancelled.
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
