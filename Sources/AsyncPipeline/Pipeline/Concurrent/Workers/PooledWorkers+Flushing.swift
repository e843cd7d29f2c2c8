/// How elements leave workers that share executors: together, but none of them late.
extension PooledWorkers {
  /// An element is finished. It leaves with its batch, or with everything that is ready if nothing has left for some
  /// time.
  ///
  /// - Parameter output: nil for an element that was dropped. Not kept while this suspends.
  @inlinable
  func finish(_ number: Int, _ output: consuming Output?, _ queue: Queue, _ emitter: Emitter<Output>) async throws {
    var batch = queue.finish((number, consume output))
    let now = run.instance.run.clock.now
    let isLate = queue.lastFlush.isLate(at: now)
    if isLate { batch += takeLate(at: now) } else if batch.isEmpty { return timer.arm() }
    let hasEmitted = try await emit(consume batch, threshold: isLate ? 1 : nil, of: queue, emitter)
    if !hasEmitted && !isLate { timer.arm() }
  }

  /// Passes on what the queue's workers have finished, for a worker with nothing else to do.
  @inlinable
  func flush(_ queue: Queue, _ emitter: Emitter<Output>) async throws {
    _ = try await emit(queue.takeFinished(), threshold: 1, of: queue, emitter)
  }

  /// Passes on finished elements, or leaves them in the reorder buffer until those before them are finished.
  ///
  /// - Parameters:
  ///   - finished: not kept while this suspends: an element may be large.
  ///   - threshold: how many elements must be ready in the reorder buffer to be passed on; by default its own.
  /// - Returns: whether something was passed on.
  @inlinable
  func emit(
    _ finished: consuming [Queue.Finished], threshold: Int? = nil, of queue: Queue, _ emitter: Emitter<Output>
  ) async throws -> Bool {
    if let reorderBuffer = run.reorderBuffer {
      let isReady = reorderBuffer.finish(consume finished, threshold: threshold)
      if !isReady { return false }
      try await reorderBuffer.drainInOrder(to: emitter)
    } else {
      let outputs = (consume finished).compactMap(\.output)
      if outputs.isEmpty { return false }
      try await emitter.emit(contentsOf: outputs)
      try await emitter.flush()
    }
    queue.lastFlush.note(at: run.instance.run.clock.now)
    return true
  }

  /// What is withheld by queues that nothing has left for some time.
  @inlinable
  func takeLate(at now: Int64) -> [Queue.Finished] {
    let late = queues.filter { $0.lastFlush.isLate(at: now) }
    for queue in late { queue.lastFlush.note(at: now) }
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
        if let sleep { try? await run.instance.run.clock.sleep(for: sleep) } else { await timer.untilArmed() }
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
    let now = run.instance.run.clock.now
    guard let queue = queues.first(where: { $0.lastFlush.isLate(at: now) }) else { return false }
    return try await emit(takeLate(at: now), threshold: 1, of: queue, emitter)
  }

  @inlinable var isWithholding: Bool {
    run.reorderBuffer?.isWithholding == true || queues.contains { $0.isWithholding }
  }
}
