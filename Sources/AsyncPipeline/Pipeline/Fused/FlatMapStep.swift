/// Passes on what each element is made into, one after another.
public struct FlatMapStep<Input: Sendable, Elements: Sequence & SendableMetatype>: FusedSteps
where Elements.Element: Sendable {
  public typealias Output = Elements.Element

  @usableFromInline let transform: @Sendable (Input) throws -> Elements

  @inlinable public static var names: [String] { ["flatMap"] }
  @inlinable public static var expands: Bool { true }

  @inlinable
  init(_ transform: @escaping @Sendable (Input) throws -> Elements) {
    self.transform = transform
  }

  /// What the last element was made into, as far as it has not been passed on.
  @inlinable
  public func makePending() -> Elements.Iterator? { nil }

  @inlinable
  public func push(
    _ element: Input, _ pending: inout Elements.Iterator?, _ context: FusedContext
  ) throws -> Elements.Element? {
    do {
      pending = try transform(element).makeIterator()
    } catch {
      try context.fail(error, in: "flatMap", element)
      return nil
    }
    guard let first = pending?.next() else {
      pending = nil
      context.leaveOut()
      return nil
    }
    return first
  }

  @inlinable
  public func pull(
    _ pending: inout Elements.Iterator?, _ context: FusedContext
  ) throws -> FusedPull<Elements.Element> {
    guard let element = pending?.next() else {
      pending = nil
      return .exhausted
    }
    context.expanded += 1
    return .element(element)
  }
}
