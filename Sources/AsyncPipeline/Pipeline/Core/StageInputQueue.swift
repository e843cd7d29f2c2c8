/// The bounded queue before a stage's tasks, and its accounting.
///
/// Input is counted before elements are sent to the channel, and taken elements after they were received, so that the
/// difference is never less than what the channel holds. It tells without asking the channel whether a send may
/// suspend, and the clock is read only around such a send.
@usableFromInline
struct StageInputQueue<Element: Sendable>: Sendable {
  @usableFromInline let channel: Channel<Element>
  @usableFromInline let capacity: Int
  /// The stage that takes the elements.
  @usableFromInline let stage: StageCounters

  @inlinable
  init(of stage: StageCounters, capacity: Int) {
    (self.stage, self.capacity) = (stage, capacity)
    channel = Channel(capacity: capacity)
  }

  /// A queue that is bounded by what its elements weigh. How many have room is unknown before they are weighed, so that
  /// the clock is read for each batch that is sent.
  ///
  /// - Parameter weight: of an element; see ``Channel/init(budget:weight:)``.
  @inlinable
  init(of stage: StageCounters, budget: Int, weight: @escaping @Sendable (Element) -> Int) {
    (self.stage, capacity) = (stage, 0)
    channel = Channel(budget: budget, weight: weight)
  }

  @inlinable var isWeighted: Bool { channel.weigh != nil }

  /// For a task of the stage before: collects batches and sends them.
  @inlinable
  func makeEmitter(from previous: StageCounters, size: Int = BatchBuffer<Element>.defaultSize) -> Emitter<Element> {
    .batching(
      // A failed attempt would weigh an element that is weighed again when it is sent.
      from: previous, to: stage, size: size,
      tryDeliver: isWeighted ? nil : { element in trySend(element, from: previous) },
      { batch in try await send(batch, from: previous) })
  }

  /// Sends an element and counts it, if there is room now; false if it has done nothing.
  @inlinable
  func trySend(_ element: Element, from previous: StageCounters) -> Bool {
    // Counted before it is sent, as always.
    stage.add(input: 1)
    _ = stage.noteWaiting()
    guard case .sent = channel.trySend(element) else {
      stage.add(input: -1)
      return false
    }
    previous.add(output: 1)
    return true
  }

  /// Sends elements that have been counted as the stage's input. If the task is cancelled or the channel has been
  /// finished, counts the rest as cancelled and throws `CancellationError`.
  @inlinable
  func send(_ batch: [Element], from previous: StageCounters) async throws {
    switch await attemptSend(batch, from: previous) {
    case .sent: return
    case .cancelled(let rest), .finished(let rest):
      stage.take(rest.count).cancel()
      throw CancellationError()
    }
  }

  /// Sends elements that have been counted as the stage's input, and measures the wait if it may suspend. The caller
  /// accounts for the elements in the result.
  @inlinable
  func attemptSend(_ batch: [Element], from previous: StageCounters) async -> SendResult<[Element]> {
    if stage.noteWaiting() <= capacity { return await channel.send(contentsOf: batch) }
    return await previous.blocked.measure { await channel.send(contentsOf: batch) }
  }

  /// At least one element and at most `limit`; empty at the end, and if the task is cancelled while it waits.
  @inlinable
  func receive(upTo limit: Int) async -> TakenBatch<Element> {
    var batch = channel.tryReceive(upTo: limit)
    if batch.isEmpty { batch = await stage.starved.measure { await channel.receive(upTo: limit) } }
    return TakenBatch(batch, stage.take(batch.count))
  }

  /// As ``receive(upTo:)``, but nil at the end, and throws if the task is cancelled while it waits.
  @inlinable
  func next(upTo limit: Int) async throws -> TakenBatch<Element>? {
    let batch = await receive(upTo: limit)
    if !batch.isEmpty { return batch }
    try Task.checkCancellation()
    return nil
  }

  /// The next element if there is one now.
  @inlinable
  func tryReceive() -> TakenElement<Element>? {
    guard let element = channel.tryReceive() else { return nil }
    return TakenElement(element, stage.take(1))
  }

  /// The next element; nil at the end, and if the task is cancelled while it waits.
  @inlinable
  func receive() async -> TakenElement<Element>? {
    var element = channel.tryReceive()
    if element == nil { element = await stage.starved.measure { await channel.next() } }
    guard let element else { return nil }
    return TakenElement(element, stage.take(1))
  }

  /// As ``receive(upTo:)``, but takes no more than the `parts`-th part of the channel's content, so that other
  /// receivers get some. The caller measures the wait, and puts the elements into a queue of its own.
  @inlinable
  func receiveShare(of parts: Int, upTo limit: Int) async -> [Element] {
    let batch = await channel.receiveShare(of: parts, upTo: limit)
    stage.add(taken: batch.count)
    return batch
  }

  /// As ``receiveShare(of:upTo:)``, without suspending.
  @inlinable
  func tryReceiveShare(of parts: Int, upTo limit: Int) -> [Element] {
    let batch = channel.tryReceiveShare(of: parts, upTo: limit)
    stage.add(taken: batch.count)
    return batch
  }

  /// Passes on all elements, at most `limit` at a time. Takes more when they have been handed over.
  @inlinable
  func forward(upTo limit: Int, to emitter: Emitter<Element>) async throws {
    while let batch = try await next(upTo: limit) {
      try await emitter.emit(batch)
      try await emitter.flush()
    }
  }

  /// No more elements come.
  @inlinable
  func finish() {
    channel.finish()
  }

  /// Empties the queue when all tasks on both sides have ended.
  @inlinable
  func countRemainingAsCancelled() {
    channel.finish()
    while true {
      let rest = channel.tryReceive(upTo: max(1, capacity))
      if rest.isEmpty { return }
      stage.take(rest.count).cancel()
    }
  }
}
