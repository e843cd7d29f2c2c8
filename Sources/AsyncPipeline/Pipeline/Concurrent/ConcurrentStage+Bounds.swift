extension ConcurrentStage {
  /// The window for small elements.
  @inlinable static var usualWindow: Int { 1024 }
  /// The part of the window that each worker adds where elements may be large. A guess: one element may take eight
  /// times as long as the others before they wait for it.
  @inlinable static var windowPerWorker: Int { 8 }
  /// The same behind a buffer with a bound in bytes.
  @inlinable static var smallestWindowPerWorker: Int { 2 }

  /// The stage with the bounds that the caller has not given.
  @inlinable
  func fitted(behind bound: QueueBound) -> ConcurrentStage {
    var stage = self
    if keepsInputOrder {
      stage.window = window ?? usualWindow(bound)
    } else {
      let usual = isAlone ? Self.readAheadOfOne : executors.count * Self.readAheadPerWorker
      stage.readAhead = readAhead ?? bound.limit(usual, of: Input.self)
    }
    return stage
  }

  /// A window in which workers seldom wait for a slow one, and which holds no more than the elements' size permits.
  @inlinable
  func usualWindow(_ bound: QueueBound) -> Int {
    let perWorker = bound.isByNumber ? Self.windowPerWorker : Self.smallestWindowPerWorker
    let usual = min(bound.limit(Self.usualWindow, of: Input.self), bound.limit(Self.usualWindow, of: Output.self))
    return min(Self.usualWindow, max(usual, perWorker * executors.count))
  }
}
