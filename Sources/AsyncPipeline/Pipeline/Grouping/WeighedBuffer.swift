/// A buffer that is bounded by what its elements weigh, in one run.
///
/// Its elements know their weights, and it tells them to the queue of the stage behind it.
@usableFromInline
struct WeighedBuffer<Element: Sendable>: Sendable {
  @usableFromInline
  struct Item: Sendable {
    @usableFromInline let element: Element
    @usableFromInline let weight: Int

    @inlinable
    init(element: Element, weight: Int) {
      (self.element, self.weight) = (element, weight)
    }
  }

  /// Which part of the buffer's limit the queue of the stage behind it has for itself. A guess: enough that small
  /// elements cross together.
  @inlinable static var partBehind: Int { 8 }

  @usableFromInline let instance: StageInstance<Element>
  @usableFromInline let limit: Int
  @usableFromInline let weight: @Sendable (Element) -> Int
  @usableFromInline let inHand: WeightInHand

  @inlinable
  init(_ instance: StageInstance<Element>, limit: Int, weight: @escaping @Sendable (Element) -> Int) {
    (self.instance, self.limit, self.weight) = (instance, limit, weight)
    inHand = WeightInHand(budget: limit / Self.partBehind)
  }

  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Element>) async throws {
    let inlet = StageInputQueue<Item>(of: instance.counters, budget: limit) { $0.weight }
    try await instance.serve(inlet, entrance: { makeEntrance(inlet) }) { inlet in
      try await withEmitter(makeEmitter) { emitter in
        while let taken = await inlet.receive() {
          let item = taken.element
          inHand.value = item.weight
          try await emitter.emit(item.element, taken.token)
          try await emitter.flush()
        }
        try Task.checkCancellation()
      }
    }
  }

  /// For a task of the stage before. Elements are handed over one by one, so that no others weigh anything beside those
  /// in the queue.
  @inlinable
  func makeEntrance(_ inlet: StageInputQueue<Item>) -> Emitter<Element> {
    let (counters, previous) = (instance.counters, instance.upstream.stage)
    return .batching(from: previous, to: counters, size: 1) { batch in
      let items = batch.map { Item(element: $0, weight: weight($0)) }
      counters.add(bytes: items.reduce(0) { $0 + $1.weight })
      try await inlet.send(items, from: previous)
    }
  }
}
