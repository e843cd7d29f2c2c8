/// The duty to account for elements: for one, or for several that move together.
///
/// Each element of a stage is at any time either in a container that counts what is left in it (a queue, a reorder
/// buffer, an emitter's buffer) or covered by one token. Tokens come from where elements leave a container or come into
/// being. They end by one of the consuming methods, which says what became of the elements; a token that goes out of
/// scope otherwise, because an error is thrown, counts its elements as cancelled. So in every run, however it ends,
///
///     input + expanded == output + failed + skipped + filtered + cancelled + combined
@frozen
@usableFromInline
struct ElementToken: ~Copyable {
  /// Not retained, which would cost two atomic operations on a shared cache line for each element, and would forbid
  /// `discard self`. The object outlives the token: tokens are held by the tasks of a stage, whose ``StageInstance``
  /// holds it, and by no object that outlives these tasks.
  @usableFromInline unowned(unsafe) let stage: StageCounters
  @usableFromInline private(set) var count: Int

  /// A token for elements that were in a container, or that the stage has counted as its input just now.
  @inlinable
  init(of stage: StageCounters, _ count: Int = 1) {
    (self.stage, self.count) = (stage, count)
  }

  @inlinable
  deinit {
    if count > 0 { stage.add(cancelled: count) }
  }

  // MARK: Moving

  /// Takes a part of the elements out of the token.
  @inlinable
  mutating func split(_ part: Int = 1) -> ElementToken {
    precondition(part <= count, "an element is accounted for once")
    count -= part
    return ElementToken(of: stage, part)
  }

  @inlinable
  mutating func takeAll() -> ElementToken {
    split(count)
  }

  @inlinable
  mutating func merge(_ other: consuming ElementToken) {
    count += other.count
    other.handOver()
  }

  /// The elements go into a container, which accounts for them from now on: as output where it is an emitter's.
  @inlinable
  consuming func handOver() {
    discard self
  }

  // MARK: Ending

  /// For a sink, which hands over to no other stage.
  @inlinable
  consuming func output() {
    stage.add(output: count)
    discard self
  }

  @inlinable
  consuming func filter() {
    stage.add(filtered: count)
    discard self
  }

  @inlinable
  consuming func fail() {
    stage.add(failed: count)
    discard self
  }

  @inlinable
  consuming func skip() {
    stage.add(skipped: count)
    discard self
  }

  /// The elements have become part of another one, which has a token of its own.
  @inlinable
  consuming func combine() {
    stage.add(combined: count)
    discard self
  }

  @inlinable
  consuming func cancel() {}
}

extension StageCounters {
  /// Elements have left the queue, or are turned away from it.
  @inlinable
  func take(_ count: Int) -> ElementToken {
    add(taken: count)
    return ElementToken(of: self, count)
  }

  /// Elements come into being.
  @inlinable
  func expand(_ count: Int = 1) -> ElementToken {
    add(expanded: count)
    return ElementToken(of: self, count)
  }
}

/// An element and its token.
@usableFromInline
struct TakenElement<Element>: ~Copyable {
  @usableFromInline let element: Element
  @usableFromInline let token: ElementToken

  @inlinable
  init(_ element: consuming Element, _ token: consuming ElementToken) {
    self.element = element
    self.token = token
  }

  /// The element goes into a container, which accounts for it from now on.
  @inlinable
  static func handOver(_ taken: consuming TakenElement?) -> Element? {
    guard let taken else { return nil }
    let element = taken.element
    taken.token.handOver()
    return element
  }
}

/// Elements and the token for them.
@usableFromInline
struct TakenBatch<Element>: ~Copyable {
  @usableFromInline var elements: [Element]
  /// For as many elements.
  @usableFromInline var tokens: ElementToken

  @inlinable
  init(_ elements: consuming [Element], _ tokens: consuming ElementToken) {
    self.elements = elements
    self.tokens = tokens
  }

  @inlinable var count: Int { elements.count }
  @inlinable var isEmpty: Bool { elements.isEmpty }

  @inlinable
  mutating func popLast() -> TakenElement<Element>? {
    guard let element = elements.popLast() else { return nil }
    return TakenElement(element, tokens.split())
  }

  /// The elements go into a container, which accounts for them from now on.
  @inlinable
  consuming func handOver() -> [Element] {
    let elements = elements
    tokens.handOver()
    return elements
  }
}
