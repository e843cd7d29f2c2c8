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
  /// The channel is the run's, which finishes it when it ends, however it does, or has enough elements: so nobody waits
  /// in `send` for a run that is over, but gets the element back. (`Pipeline(channel)` borrows it: what is left in it
  /// is left to others.) A run that comes later finds it finished, and is empty; runs at the same time share the
  /// elements, and the first to end ends the feed of all. What was sent before the run began waits in the channel.
  ///
  /// - *emits* the elements in the order in which they were sent, each without waiting for the next
  /// - *suspends* those who send, while the channel is full and the stage behind has no room for 64 elements more, or
  ///   fewer as ``Pipeline`` says
  /// - *finishes* when the channel is finished, and what it held has gone; when the run is drained it finishes the
  ///   channel
  /// - *on cancel* finishes the channel. What lies in it is counted as cancelled, and what waits to be sent is handed
  ///   back
  /// - *on failure* it cannot fail
  ///
  /// - Parameter channel: its capacity, or its budget, is the bound of the feed.
  @inlinable
  public init(feed channel: Channel<Element>) {
    self.init(feed: channel.storage)
  }

  /// The elements that are sent to a channel that may fail: see ``init(feed:)-(Channel<Element>)``.
  ///
  /// - *emits*, *suspends*, *finishes* and *on cancel* as that
  /// - *on failure* of the channel the run ends, whatever the policy
  ///
  /// - Parameter channel: its capacity, or its budget, is the bound of the feed.
  @inlinable
  public init<Failure: Error>(feed channel: ThrowingChannel<Element, Failure>) {
    self.init(feed: channel.storage)
  }

  @inlinable
  init<Failure: Error>(feed storage: ChannelStorage<Element, Failure>) {
    self.init { run in
      let feed = Feed(run: run, stage: run.addStage("source"), storage: storage)
      run.onDrain { storage.end() }
      // It may never come to be asked for elements.
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
  @usableFromInline let storage: ChannelStorage<Element, Failure>
  /// A channel with a budget bounds what waits behind it, too.
  @usableFromInline let bound: QueueBound
  /// How many elements are taken together.
  @usableFromInline let batchSize: Int

  @inlinable
  init(run: PipelineRun, stage: StageCounters, storage: ChannelStorage<Element, Failure>) {
    (self.run, self.stage, self.storage) = (run, stage, storage)
    bound = storage.weigh == nil ? .byType : .few
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
      let batch = try storage.tryReceive(upTo: batchSize)
      if !batch.isEmpty { return batch }
      return try await stage.starved.measure { try await storage.receive(upTo: batchSize) }
    } catch {
      throw run.fatal(error, in: stage)
    }
  }

  /// Ends the channel, and counts what nobody took as cancelled.
  @inlinable
  func close() {
    storage.end()
    while let rest = try? storage.tryReceive(upTo: batchSize), !rest.isEmpty {
      stage.add(input: rest.count)
      ElementToken(of: stage, rest.count).cancel()
    }
  }
}
