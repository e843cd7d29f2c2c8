extension Pipeline {
  /// The elements that are sent to a channel: a pipeline that is fed from outside.
  ///
  /// ```swift
  /// let feed = Channel<Request>(capacity: 64)
  /// let run = Pipeline(feed: feed).mapAsync(width: 8) { await $0.answer() }.start(.count)
  /// guard case .sent = await feed.send(request) else { … }  // the run is over
  /// feed.finish()
  /// print(try await run.value)
  /// ```
  ///
  /// The run owns the channel. It finishes the channel when it ends, for whatever reason, or when it needs no more
  /// elements; a `send` to a run that is over therefore does not wait, but returns the element. (`Pipeline(channel)`
  /// borrows the channel: elements that are left in it remain there.) A later run finds the channel finished, and is
  /// empty; concurrent runs share the elements, and the first to end finishes the channel for all. Elements that are
  /// sent before the run begins wait in the channel.
  ///
  /// - *emits* the elements in the order in which they were sent, each without waiting for the next
  /// - *suspends* the senders while the channel is full and the stage behind has no room for 64 elements more, or
  ///   fewer as ``Pipeline`` says
  /// - *finishes* when the channel has finished and its elements have been emitted; a drained run finishes the channel
  /// - *on cancel* finishes the channel. The elements that it holds are counted as cancelled, and those that wait to be
  ///   sent are returned to their senders
  /// - *on failure* of the channel the run ends, whatever the policy
  ///
  /// - Parameter channel: its capacity or budget is the bound of the feed.
  @inlinable
  public init<Failure: Error>(feed channel: ThrowingChannel<Element, Failure>) {
    self.init { run in
      let feed = Feed(run: run, stage: run.addStage("source"), channel: channel)
      run.onDrain { channel.finish() }
      // The run may end before the producer is asked for elements.
      run.onEnd { feed.close() }
      return Producer(stage: feed.stage, bound: feed.bound) { makeEmitter in
        defer { feed.close() }
        try await feed.stage.life.measure {
          try await withEmitter(makeEmitter) { emitter in try await feed.emitAll(to: emitter) }
        }
      }
    }
  }
}

/// A channel as the source of one run.
@usableFromInline
struct Feed<Element: Sendable, Failure: Error>: Sendable {
  @usableFromInline let run: PipelineRun
  @usableFromInline let stage: StageCounters
  @usableFromInline let channel: ThrowingChannel<Element, Failure>
  /// A channel with a budget bounds the queues behind it too.
  @usableFromInline let bound: QueueBound
  /// The maximum number of elements that are received together.
  @usableFromInline let batchSize: Int

  @inlinable
  init(run: PipelineRun, stage: StageCounters, channel: ThrowingChannel<Element, Failure>) {
    (self.run, self.stage, self.channel) = (run, stage, channel)
    bound = channel.weigh == nil ? .byType : .few
    batchSize = bound.limit(BatchBuffer<Element>.defaultSize, of: Element.self)
  }

  @inlinable
  func emitAll(to emitter: Emitter<Element>) async throws {
    while true {
      let batch = try await receive()
      if batch.isEmpty { return try Task.checkCancellation() }
      stage.add(input: batch.count)
      try await emitter.emit(contentsOf: batch)
      try await emitter.flush()
    }
  }

  /// Empty at the end, and if the task is cancelled.
  @inlinable
  func receive() async throws -> [Element] {
    do {
      let batch = try channel.tryReceive(upTo: batchSize)
      if !batch.isEmpty { return batch }
      return try await stage.starved.measure { try await channel.receive(upTo: batchSize) }
    } catch {
      throw run.fatal(error, in: stage)
    }
  }

  /// Finishes the channel, and counts the remaining elements as cancelled.
  @inlinable
  func close() {
    channel.finish()
    while let rest = try? channel.tryReceive(upTo: batchSize), !rest.isEmpty {
      stage.add(input: rest.count)
      ElementToken(of: stage, rest.count).cancel()
    }
  }
}
