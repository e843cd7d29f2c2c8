/// Takes what a ``Stage`` emits, and counts for the report.
///
/// Every element that the stage gets is to end in some way, which the report tells. An element for which something is
/// emitted is output, and what is emitted for it beyond that has been expanded. If nothing is, it was left out on
/// purpose and is counted as filtered, unless the stage says that it keeps it; what is emitted later stands for it
/// then.
public final class StageContext<Output: Sendable> {
  @usableFromInline let ledger: StageLedger
  @usableFromInline let delivery: Delivery
  /// Passes on what the stage has emitted and is withheld.
  @usableFromInline let passOn: @concurrent () async throws -> Void
  /// Whether the element that the stage is at needs no further account.
  @usableFromInline var isAccountedFor = false

  /// Who takes what is emitted.
  @usableFromInline
  enum Delivery {
    /// A queue. If the closure returns true ``passOn`` must be called before the stage goes on.
    case queue((Output) throws -> Bool)
    /// Another stage in the same task.
    case stage(@concurrent (Output) async throws -> Void)
  }

  @inlinable
  init(_ ledger: StageLedger, to delivery: Delivery, flush passOn: @escaping @concurrent () async throws -> Void) {
    (self.ledger, self.delivery, self.passOn) = (ledger, delivery, passOn)
  }

  /// Passes an element on, at once unless the stage says otherwise (``Stage/emitsTogether``); suspends while the stage
  /// behind has no room.
  ///
  /// - Parameters:
  ///   - output: the element.
  ///   - count: of how many of the stage's input it was made; positive. The report counts all but one as combined.
  /// - Throws: `CancellationError` if the task is cancelled, or nobody wants more elements. The run's end does not
  ///   depend on what the stage does about it.
  @inlinable
  public func emit(_ output: Output, combining count: Int = 1) async throws {
    precondition(count > 0, "an element is made of at least one")
    if Task.isCancelled { ledger.end(CancellationError()) }
    if ledger.end != nil { throw CancellationError() }
    isAccountedFor = true
    ledger.combine(count - 1)
    do {
      switch delivery {
      case .queue(let accept): if try accept(output) { try await passOn() }
      case .stage(let deliver): try await deliver(output)
      }
    } catch {
      ledger.end(error)
      throw CancellationError()
    }
  }

  /// Passes on what was emitted and waits for more: to be called by a stage that emits together
  /// (``Stage/emitsTogether``) before it waits for anything.
  ///
  /// - Throws: as ``emit(_:combining:)`` does.
  @inlinable
  public func flush() async throws {
    if ledger.end != nil { throw CancellationError() }
    do {
      try await passOn()
    } catch {
      ledger.end(error)
      throw CancellationError()
    }
  }

  /// The stage keeps the element that it is at, and will emit it, or something that it went into. If the run ends early
  /// before that, it is counted as cancelled; what is never emitted counts as filtered in the end.
  @inlinable
  public func keep() {
    isAccountedFor = true
  }

  /// Adds to a number of the stage's own, which the report has among its ``PipelineReport/Stage/metrics``: the sum over
  /// all workers and, in a stage that was composed, over its parts.
  @inlinable
  public func count(_ metric: String, _ difference: Int = 1) {
    ledger.counters.count(metric, difference)
  }
}

@available(*, unavailable)
extension StageContext: Sendable {}
