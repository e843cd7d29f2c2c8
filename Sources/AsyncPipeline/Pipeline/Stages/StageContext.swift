/// Takes what a ``Stage`` emits, and accounts for its elements in the report.
///
/// An element for which the stage emits an output is counted as output, and further outputs for it as expanded. An
/// element for which the stage emits nothing is counted as filtered, unless the stage keeps it: then an output that is
/// emitted later stands for it.
public final class StageContext<Output: Sendable> {
  @usableFromInline let ledger: StageLedger
  @usableFromInline let delivery: Delivery
  /// Passes on the outputs that are withheld.
  @usableFromInline let flushOutputs: @concurrent () async throws -> Void
  /// Whether the current element has been emitted or kept.
  @usableFromInline var isAccountedFor = false

  /// Where outputs go.
  @usableFromInline
  enum Delivery {
    /// A queue. If the closure returns true, ``flushOutputs`` must be called before the stage continues.
    case queue((Output) throws -> Bool)
    /// Another stage in the same task.
    case stage(@concurrent (Output) async throws -> Void)
  }

  @inlinable
  init(_ ledger: StageLedger, to delivery: Delivery, flush flushOutputs: @escaping @concurrent () async throws -> Void)
  {
    (self.ledger, self.delivery, self.flushOutputs) = (ledger, delivery, flushOutputs)
  }

  /// Passes an element on, at once unless the stage says otherwise (``Stage/emitsTogether``); suspends while the stage
  /// behind has no room.
  ///
  /// - Parameters:
  ///   - output: the element.
  ///   - count: how many elements of the input it was made of; positive. The report counts all but one as combined.
  /// - Throws: `CancellationError` if the task is cancelled, or no more elements are wanted. The run ends whether or
  ///   not the stage rethrows it.
  @inlinable
  public func emit(_ output: Output, combining count: Int = 1) async throws {
    precondition(count > 0, "an element is made of at least one")
    if Task.isCancelled { ledger.end(CancellationError()) }
    if ledger.end != nil { throw CancellationError() }
    isAccountedFor = true
    ledger.combine(count - 1)
    do {
      switch delivery {
      case .queue(let accept): if try accept(output) { try await flushOutputs() }
      case .stage(let deliver): try await deliver(output)
      }
    } catch {
      ledger.end(error)
      throw CancellationError()
    }
  }

  /// Passes on outputs that wait for others. A stage that emits together (``Stage/emitsTogether``) calls it before it
  /// waits for anything.
  ///
  /// - Throws: as ``emit(_:combining:)`` does.
  @inlinable
  public func flush() async throws {
    if ledger.end != nil { throw CancellationError() }
    do {
      try await flushOutputs()
    } catch {
      ledger.end(error)
      throw CancellationError()
    }
  }

  /// Keeps the current element, to emit it later, or an output made of it. It is counted as cancelled if the run ends
  /// early before that, and as filtered if it is never emitted.
  @inlinable
  public func keep() {
    isAccountedFor = true
  }

  /// Adds to a metric of the stage's own: ``PipelineReport/Stage/metrics``. The report has the sum over all workers,
  /// and over the parts of a composed stage.
  @inlinable
  public func count(_ metric: String, _ difference: Int = 1) {
    ledger.counters.count(metric, difference)
  }
}

@available(*, unavailable)
extension StageContext: Sendable {}
