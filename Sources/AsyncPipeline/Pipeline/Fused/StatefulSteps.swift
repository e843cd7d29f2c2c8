import Synchronization

/// Passes on each intermediate result of a reduction.
public struct ScanStep<Input: Sendable, Output: Sendable>: FusedSteps {
  @usableFromInline
  final class Result: Sendable {
    @usableFromInline let value: Mutex<Output>

    @inlinable
    init(_ initial: Output) {
      value = Mutex(initial)
    }
  }

  @usableFromInline let result: Result
  @usableFromInline let next: @Sendable (Output, Input) throws -> Output

  @inlinable public static var names: [String] { ["scan"] }

  @inlinable
  init(_ initial: Output, _ next: @escaping @Sendable (Output, Input) throws -> Output) {
    result = Result(initial)
    self.next = next
  }

  @inlinable
  public func push(_ element: Input, _ pending: inout Void, _ context: FusedContext) throws -> Output? {
    do {
      return try result.value.withLock { value in
        value = try next(value, element)
        return value
      }
    } catch {
      try context.fail(error, in: "scan", element)
      return nil
    }
  }
}

/// Lets the first elements pass, and wants no others.
public struct PrefixStep<Element: Sendable>: FusedSteps {
  @usableFromInline
  final class Progress: Sendable {
    /// Elements that came, those included that were too many.
    @usableFromInline let came = Atomic<Int>(0)
    /// Elements that passed, and are where they were to go.
    @usableFromInline let delivered = Atomic<Int>(0)

    @inlinable
    init() {}
  }

  @usableFromInline let limit: Int
  @usableFromInline let progress = Progress()

  @inlinable public static var names: [String] { ["prefix"] }
  @inlinable public static var ends: Bool { true }

  @inlinable
  init(_ limit: Int) {
    self.limit = limit
  }

  /// How many have passed in the task and are not delivered.
  @inlinable
  public func makePending() -> Int { 0 }

  @inlinable
  public func push(_ element: Element, _ pending: inout Int, _ context: FusedContext) throws -> Element? {
    if progress.came.add(1, ordering: .relaxed).oldValue >= limit {
      context.leaveOut()
      return nil
    }
    pending += 1
    return element
  }

  @inlinable public var isDone: Bool { progress.came.load(ordering: .relaxed) >= limit }

  @inlinable
  public func didDeliver(_ pending: inout Int) -> Bool {
    defer { pending = 0 }
    return progress.delivered.add(pending, ordering: .relaxed).newValue == limit
  }
}

/// Leaves the first elements out.
public struct DropStep<Element: Sendable>: FusedSteps {
  @usableFromInline
  final class Progress: Sendable {
    @usableFromInline let came = Atomic<Int>(0)

    @inlinable
    init() {}
  }

  @usableFromInline let count: Int
  @usableFromInline let progress = Progress()

  @inlinable public static var names: [String] { ["drop"] }

  @inlinable
  init(_ count: Int) {
    self.count = count
  }

  @inlinable
  public func push(_ element: Element, _ pending: inout Void, _ context: FusedContext) throws -> Element? {
    // Once enough have come nobody writes to it any more.
    if progress.came.load(ordering: .relaxed) < count,
      progress.came.add(1, ordering: .relaxed).oldValue < count
    {
      context.leaveOut()
      return nil
    }
    return element
  }
}
