/// How elements leave workers that share executors: together, but none of them late.
extension RunningStage {
  /// An element is finished. It leaves with its batch, or with all that can leave if nothing has left for some time.
  ///
  /// - Parameter output: not kept while this suspends.
  @inlinable
  func leave(
    _ number: Int, _ output: consuming Output?, _ lane: Stage.Lane, _ emitter: Emitter<Output>
  ) async throws {
    var due = lane.leave((number, consume output))
    let now = instance.run.clock.now
    let isLate = lane.lastDeparture.isLate(at: now)
    if isLate { due += takeLate(at: now) } else if due.isEmpty { return timer.arm() }
    let hasPassed = try await passOn(consume due, enough: isLate ? 1 : nil, from: lane, emitter)
    if !hasPassed && !isLate { timer.arm() }
  }

  /// Passes on what the lane has finished, for a worker with nothing else to do.
  @inlinable
  func leaveAll(of lane: Stage.Lane, _ emitter: Emitter<Output>) async throws {
    _ = try await passOn(lane.takeFinished(), enough: 1, from: lane, emitter)
  }

  /// Passes on finished elements, or leaves them at the exit until others before them are finished.
  ///
  /// - Parameters:
  ///   - finished: not kept while this suspends: an element may be large.
  ///   - enough: how many must be ready at the exit for it to be worth passing them on.
  /// - Returns: whether something was passed on.
  @inlinable
  func passOn(
    _ finished: consuming [Stage.Lane.Finished], enough: Int? = nil, from lane: Stage.Lane, _ emitter: Emitter<Output>
  ) async throws -> Bool {
    if let exit {
      let isReady = exit.finish(consume finished, enough: enough)
      if !isReady { return false }
      try await exit.passOn(emitter)
    } else {
      let outputs = (consume finished).compactMap(\.output)
      if outputs.isEmpty { return false }
      try await emitter.emit(contentsOf: outputs)
      try await emitter.flush()
    }
    lane.lastDeparture.note(at: instance.run.clock.now)
    return true
  }

  /// What is withheld in lanes that nothing has left for some time.
  @inlinable
  func takeLate(at now: Int64) -> [Stage.Lane.Finished] {
    let late = lanes.filter { $0.lastDeparture.isLate(at: now) }
    for lane in late { lane.lastDeparture.note(at: now) }
    return late.flatMap { $0.takeFinished() }
  }

  // MARK: The timer

  /// Passes on what is withheld for too long, until the stage's workers have ended.
  @inlinable
  func flushLate(_ makeEmitter: EmitterFactory<Output>) async throws {
    defer { timer.wait.finish() }
    try await withEmitter(makeEmitter) { emitter in
      // Nil while nothing is withheld.
      var sleep: Duration?
      while timer.wait.begin() {
        if let sleep { try? await instance.run.clock.sleep(for: sleep) } else { await timer.untilArmed() }
        if !timer.wait.end() { return }
        try Task.checkCancellation()
        guard let last = sleep else {
          sleep = FlushTimer.limit
          continue
        }
        let hasFlushed = try await counters.life.measureAside { try await flushLate(emitter) }
        sleep = hasFlushed ? FlushTimer.limit : min(last * 2, FlushTimer.longestSleep)
        timer.disarm()
        if isWithholding { timer.arm() } else { sleep = nil }
      }
    }
  }

  /// - Returns: whether something was late.
  @inlinable
  func flushLate(_ emitter: Emitter<Output>) async throws -> Bool {
    let now = instance.run.clock.now
    guard let lane = lanes.first(where: { $0.lastDeparture.isLate(at: now) }) else { return false }
    return try await passOn(takeLate(at: now), enough: 1, from: lane, emitter)
  }

  @inlinable var isWithholding: Bool {
    exit?.isWithholding == true || lanes.contains { $0.isWithholding }
  }
}
