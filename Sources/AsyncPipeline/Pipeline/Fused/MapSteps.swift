/// Transforms each element.
public struct MapStep<Input: Sendable, Output: Sendable>: FusedSteps {
  @usableFromInline let transform: @Sendable (Input) throws -> Output

  @inlinable public static var names: [String] { ["map"] }

  @inlinable
  init(_ transform: @escaping @Sendable (Input) throws -> Output) {
    self.transform = transform
  }

  @inlinable @inline(__always)
  public func push(_ element: Input, _ pending: inout Void, _ context: FusedContext) throws -> Output? {
    do {
      return try transform(element)
    } catch {
      try context.fail(error, in: "map", element)
      return nil
    }
  }
}

/// Transforms each element, and leaves those out that come to nil.
public struct CompactMapStep<Input: Sendable, Output: Sendable>: FusedSteps {
  @usableFromInline let transform: @Sendable (Input) throws -> Output?

  @inlinable public static var names: [String] { ["compactMap"] }

  @inlinable
  init(_ transform: @escaping @Sendable (Input) throws -> Output?) {
    self.transform = transform
  }

  @inlinable @inline(__always)
  public func push(_ element: Input, _ pending: inout Void, _ context: FusedContext) throws -> Output? {
    do {
      if let output = try transform(element) { return output }
      context.leaveOut()
    } catch {
      try context.fail(error, in: "compactMap", element)
    }
    return nil
  }
}

/// Lets some elements pass.
public struct FilterStep<Element: Sendable>: FusedSteps {
  @usableFromInline let isIncluded: @Sendable (Element) throws -> Bool

  @inlinable public static var names: [String] { ["filter"] }

  @inlinable
  init(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) {
    self.isIncluded = isIncluded
  }

  @inlinable @inline(__always)
  public func push(_ element: Element, _ pending: inout Void, _ context: FusedContext) throws -> Element? {
    do {
      if try isIncluded(element) { return element }
      context.leaveOut()
    } catch {
      try context.fail(error, in: "filter", element)
    }
    return nil
  }
}

/// Shows each element to a closure.
public struct TapStep<Element: Sendable>: FusedSteps {
  @usableFromInline let look: @Sendable (Element) throws -> Void

  @inlinable public static var names: [String] { ["tap"] }

  @inlinable
  init(_ look: @escaping @Sendable (Element) throws -> Void) {
    self.look = look
  }

  @inlinable @inline(__always)
  public func push(_ element: Element, _ pending: inout Void, _ context: FusedContext) throws -> Element? {
    do {
      try look(element)
      return element
    } catch {
      try context.fail(error, in: "tap", element)
      return nil
    }
  }
}

/// Adds up what elements weigh.
public struct CountBytesStep<Element: Sendable>: FusedSteps {
  @usableFromInline let count: @Sendable (Element) -> Int

  @inlinable public static var names: [String] { ["countBytes"] }

  @inlinable
  init(_ count: @escaping @Sendable (Element) -> Int) {
    self.count = count
  }

  @inlinable @inline(__always)
  public func push(_ element: Element, _ pending: inout Void, _ context: FusedContext) throws -> Element? {
    context.count(bytes: count(element))
    return element
  }
}
