/// Accounts for the elements that a worker of a ``Stage`` has taken, and keeps the reason why the worker ends.
///
/// The parts of a composed stage share one.
@usableFromInline
final class StageLedger {
  @usableFromInline let run: PipelineRun
  @usableFromInline let counters: StageCounters
  /// For the current element and those that the stage keeps.
  @usableFromInline var open: ElementToken
  /// Why nothing more can be emitted.
  @usableFromInline var end: (any Error)?

  @inlinable
  init(_ run: PipelineRun, _ counters: StageCounters) {
    (self.run, self.counters) = (run, counters)
    open = ElementToken(of: counters, 0)
  }

  // MARK: Elements

  /// The token of an element that ends. If none is open, the stage has made the element.
  @inlinable
  func takeOpen() -> ElementToken {
    open.count > 0 ? open.split() : counters.expand()
  }

  /// Accounts for elements that have become part of another one.
  @inlinable
  func combine(_ count: Int) {
    let openCount = min(count, open.count)
    open.split(openCount).combine()
    counters.expand(count - openCount).combine()
  }

  /// Accounts for the open elements when the worker ends.
  ///
  /// - Parameter isComplete: whether the stage has seen the end of its input: then it has dropped what it still keeps.
  @inlinable
  func close(isComplete: Bool) {
    if isComplete { open.takeAll().filter() } else { open.takeAll().cancel() }
  }

  /// Notes why nothing more can be emitted. The first reason counts.
  @inlinable
  func end(_ error: any Error) {
    if end == nil { end = error }
  }

  // MARK: The stage's methods

  /// Passes an element to a stage, and handles its failure. Throws if the run ends.
  @concurrent
  @inlinable
  func process<S: Stage>(_ element: S.Input, by stage: inout S, in context: StageContext<S.Output>) async throws {
    context.isAccountedFor = false
    do {
      try await stage.process(element, in: context)
    } catch {
      // Where the stage could not emit, the element has not failed.
      if let end { throw end }
      do {
        // The closure that takes the failure may wait for outputs that are withheld.
        try await context.flushOutputs()
      } catch let failure {
        end(failure)
        throw failure
      }
      do {
        try await run.handle(error, of: element, takeOpen(), operation: stage.name)
      } catch {
        end(error)
        throw error
      }
      return
    }
    if let end { throw end }
    if !context.isAccountedFor { takeOpen().filter() }
  }

  /// Calls a stage after its last element. Throws if the run ends.
  @concurrent
  @inlinable
  func finish<S: Stage>(_ stage: inout S, in context: StageContext<S.Output>) async throws {
    do {
      try await stage.finish(in: context)
    } catch {
      if end == nil { end(run.fatal(error, in: counters, operation: stage.name)) }
    }
    if let end { throw end }
  }
}
