/// Fused steps before an emitter, in one task.
///
/// An element that becomes several is passed on in portions: when the emitter behind is full the rest stays where it
/// is, and `flush` goes on with it. So an expansion costs no more room than its iterator, and may be endless.
@usableFromInline
final class FusedEmission<Steps: FusedSteps> {
  /// How many elements are pulled before others get a turn, and a cancellation is noticed, if none fills the emitter.
  @inlinable static var pullsPerTurn: Int { 1024 }

  @usableFromInline let steps: Steps
  @usableFromInline let next: Emitter<Steps.Output>
  @usableFromInline let demand: Demand
  @usableFromInline let context: FusedContext
  @usableFromInline var pending: Steps.Pending
  /// Whether something may be left of the last element.
  @usableFromInline var mayPull = false

  @inlinable
  init(_ steps: Steps, to next: Emitter<Steps.Output>, _ demand: Demand, _ context: FusedContext) {
    (self.steps, self.next, self.demand, self.context) = (steps, next, demand, context)
    pending = steps.makePending()
  }

  @inlinable var emitter: Emitter<Steps.Input> {
    let close = {
      self.context.publish()
      self.next.close()
    }
    if Steps.expands || Steps.ends {
      return Emitter(stage: context.stage, accept: acceptPending, flush: flush, close: close)
    }
    return Emitter(stage: context.stage, accept: accept, pass: pass, flush: flush, close: close)
  }

  /// For steps that pass on at most one element, and want all there are.
  @inlinable
  func accept(_ element: Steps.Input) throws -> Bool {
    // A local one saves the runtime's check that nobody else has access: nothing is kept in it.
    var pending = steps.makePending()
    guard let output = try steps.push(element, &pending, context) else { return context.routed != nil }
    return try next.accept(output)
  }

  /// As ``accept(_:)``, at once.
  @inlinable
  func pass(_ element: Steps.Input) throws -> Bool {
    defer { context.publish() }
    var pending = steps.makePending()
    guard let output = try steps.push(element, &pending, context) else { return context.routed != nil }
    return try next.pass(output)
  }

  @inlinable
  func acceptPending(_ element: Steps.Input) throws -> Bool {
    if Steps.ends && steps.isDone {
      context.leaveOut()
      return true
    }
    mayPull = Steps.expands
    if let output = try steps.push(element, &pending, context), try next.accept(output) { return true }
    if Steps.expands, try pull() { return true }
    return context.routed != nil || (Steps.ends && steps.isDone)
  }

  /// Passes on what is left of the last element. True if there must be a flush before it goes on.
  @inlinable
  func pull() throws -> Bool {
    for _ in 0..<Self.pullsPerTurn {
      if context.routed != nil { return true }
      switch try steps.pull(&pending, context) {
      case .element(let output): if try next.accept(output) { return true }
      case .leftOut: break
      case .exhausted:
        mayPull = false
        return context.routed != nil
      }
    }
    return true
  }

  @inlinable
  func flush() async throws {
    while true {
      context.publish()
      try await context.deliverRouted()
      try await next.flush()
      if !mayPull { break }
      try Task.checkCancellation()
      _ = try pull()
    }
    if Steps.ends && steps.didDeliver(&pending) { throw EndOfDemand(demand) }
  }
}
