/// What a worker of a ``Stage`` owes the report, and how its run ends.
///
/// A stage that was composed has one for all of its parts.
@usableFromInline
final class StageLedger {
  @usableFromInline let run: PipelineRun
  @usableFromInline let counters: StageCounters
  /// For the elements that were taken and have not come to an end: the one that the stage is at, and those that it
  /// keeps.
  @usableFromInline var open: ElementToken
  /// Why nothing more can be emitted.
  @usableFromInline var end: (any Error)?

  @inlinable
  init(_ run: PipelineRun, _ counters: StageCounters) {
    (self.run, self.counters) = (run, counters)
    open = ElementToken(of: counters, 0)
  }

  // MARK: Elements

  /// The token of an element that comes to its end. If none was open the element came into being here.
  @inlinable
  func takeOpen() -> ElementToken {
    open.count > 0 ? open.split() : counters.expand()
  }

  /// Elements have become part of another one.
  @inlinable
  func combine(_ count: Int) {
    let openCount = min(count, open.count)
    open.split(openCount).combine()
    counters.expand(count - openCount).combine()
  }

  /// The worker has ended.
  ///
  /// - Parameter isComplete: whether the stage has seen the end of its input, so that it has dropped what it still
  ///   keeps.
  @inlinable
  func close(isComplete: Bool) {
    if isComplete { open.takeAll().filter() } else { open.takeAll().cancel() }
  }

  /// Nothing more can be emitted. The first reason counts.
  @inlinable
  func end(_ error: any Error) {
    if end == nil { end = error }
  }

  // MARK: The stage's methods

  /// Has a stage take an element, and does what follows if it fails. Throws if the run ends.
  @concurrent
  @inlinable
  func process<S: Stage>(_ element: S.Input, by stage: inout S, in context: StageContext<S.Output>) async throws {
    context.isAccountedFor = false
    do {
      try await stage.process(element, in: context)
    } catch {
      // What the stage throws when it cannot emit is no failure of the element.
      if let end { throw end }
      do {
        // Who is told of the failure may wait for what is withheld.
        try await context.passOn()
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

  /// Tells a stage that there are no more elements. Throws if the run ends.
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
