/// The bounded queue before a stage's tasks, and its accounting.
///
/// What was handed over and not taken yet is never less than what the channel holds: both are counted before the
/// channel is given anything, and after it has given. So it is known without asking the channel whether a `send` can
/// suspend, and the clock is read only around what may.
@usableFromInline
struct Inlet<Element: Sendable>: Sendable {
  @usableFromInline let channel: Channel<Element>
  @usableFromInline let capacity: Int
  /// The stage that takes the elements.
  @usableFromInline let stage: StageCounters

  @inlinable
  init(of stage: StageCounters, capacity: Int) {
    (self.stage, self.capacity) = (stage, capacity)
    channel = Channel(capacity: capacity)
  }

  /// A queue that is bounded by what its elements weigh. How many there is room for is not known before they are
  /// weighed, so that the clock is read for each batch that is sent.
  ///
  /// - Parameter weight: of an element; see ``Channel/init(budget:weight:)``.
  @inlinable
  init(of stage: StageCounters, budget: Int, weight: @escaping @Sendable (Element) -> Int) {
    (self.stage, capacity) = (stage, 0)
    channel = Channel(budget: budget, weight: weight)
  }

  @inlinable var isWeighted: Bool { channel.storage.weigh != nil }

  /// For a task of the stage before: collects batches and sends them.
  @inlinable
  func makeEmitter(from previous: StageCounters, size: Int = BatchBuffer<Element>.defaultSize) -> Emitter<Element> {
    .batching(
      // An attempt in vain would have weighed an element that is weighed again when it is sent.
      from: previous, to: stage, size: size,
      tryDeliver: isWeighted ? nil : { element in trySend(element, from: previous) },
      { batch in try await send(batch, from: previous) })
  }

  /// Sends an element, and counts it, if there is room now; false if nothing has happened.
  @inlinable
  func trySend(_ element: Element, from previous: StageCounters) -> Bool {
    // Counted before, as always.
    stage.add(input: 1)
    _ = stage.noteWaiting()
    guard case .sent = channel.trySend(element) else {
      stage.add(input: -1)
      return false
    }
    previous.add(output: 1)
    return true
  }

  /// Sends what has been counted as the stage's input already. What is handed back is counted as cancelled.
  @inlinable
  func send(_ batch: [Element], from previous: StageCounters) async throws {
    switch await attemptSend(batch, from: previous) {
    case .sent: return
    case .cancelled(let rest), .finished(let rest):
      stage.add(taken: rest.count)
      stage.add(cancelled: rest.count)
      throw CancellationError()
    }
  }

  /// Sends what has been counted as the stage's input already, and measures how long that takes if it may suspend.
  @inlinable
  func attemptSend(_ batch: [Element], from previous: StageCounters) async -> SendResult<[Element]> {
    if stage.noteWaiting() <= capacity { return await channel.send(contentsOf: batch) }
    return await previous.blocked.measure { await channel.send(contentsOf: batch) }
  }

  /// At least one element and at most `limit`; empty at the end, and if the task is cancelled while it waits.
  @inlinable
  func receive(upTo limit: Int) async -> [Element] {
    var batch = channel.tryReceive(upTo: limit)
    if batch.isEmpty { batch = await stage.starved.measure { await channel.receive(upTo: limit) } }
    stage.add(taken: batch.count)
    return batch
  }

  /// The next element if there is one now.
  @inlinable
  func tryReceive() -> Element? {
    guard let element = channel.tryReceive() else { return nil }
    stage.add(taken: 1)
    return element
  }

  /// The next element; nil at the end, and if the task is cancelled while it waits.
  @inlinable
  func receive() async -> Element? {
    var element = channel.tryReceive()
    if element == nil { element = await stage.starved.measure { await channel.next() } }
    if element != nil { stage.add(taken: 1) }
    return element
  }

  /// As ``receive(upTo:)``, but leaves something for the others: no more than the `parts`-th part of what is there. The
  /// caller measures how long it waits.
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

  /// No more elements come.
  @inlinable
  func finish() {
    channel.finish()
  }

  /// Counts what nobody took as cancelled. For when all tasks on both sides have ended.
  @inlinable
  func sweep() {
    channel.finish()
    while true {
      let rest = channel.tryReceive(upTo: max(1, capacity))
      if rest.isEmpty { return }
      stage.add(taken: rest.count)
      stage.add(cancelled: rest.count)
    }
  }
}
