extension ConcurrentStage {
  /// Places in the window for small elements.
  @inlinable static var usualWindow: Int { 1024 }
  /// For each worker where elements may be large. A guess: one element may take eight times as long as the others
  /// before these must wait for it.
  @inlinable static var placesPerWorker: Int { 8 }
  /// Where there is a bound in bytes before the stage.
  @inlinable static var fewestPlacesPerWorker: Int { 2 }

  /// The stage with bounds for what the caller has not said.
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

  /// Enough that the workers are seldom kept from working by one that is slow, and no more than memory is for.
  @inlinable
  func usualWindow(_ bound: QueueBound) -> Int {
    let places = bound.isByNumber ? Self.placesPerWorker : Self.fewestPlacesPerWorker
    let usual = min(bound.limit(Self.usualWindow, of: Input.self), bound.limit(Self.usualWindow, of: Output.self))
    return min(Self.usualWindow, max(usual, places * executors.count))
  }
}
