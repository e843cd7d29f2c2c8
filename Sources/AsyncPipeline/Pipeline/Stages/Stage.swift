/// A stage of a pipeline as a type: it has a name, a state and metrics, and may emit fewer or more elements than it
/// gets.
///
/// ```swift
/// struct RunLengths<Element: Hashable & Sendable>: Stage {
///   private var run: (element: Element, count: Int)?
///
///   mutating func process(_ element: Element, in context: StageContext<(Element, Int)>) async throws {
///     if let run, run.element == element {
///       self.run?.count += 1
///     } else {
///       try await finish(in: context)
///       run = (element, 1)
///     }
///     context.keep()
///   }
///
///   mutating func finish(in context: StageContext<(Element, Int)>) async throws {
///     if let run { try await context.emit((run.element, run.count), combining: run.count) }
///   }
/// }
/// ```
///
/// ``PipelineProtocol/through(_:width:)`` inserts it, and ``then(_:)`` makes one stage of two. Each worker of each run
/// begins with a copy of the value and changes only that. State that all workers share, or that must be closed however
/// a run ends, belongs in an object that the value refers to.
public protocol Stage<Input, Output>: Sendable {
  associatedtype Input: Sendable
  associatedtype Output: Sendable

  /// For the report and for failures; by default the type's.
  var name: String { get }

  /// Whether outputs cross to the next stage together, for which they wait up to some 10 ms while further input is
  /// there. For a stage that takes little time for an element, and calls ``StageContext/flush()`` before it waits for
  /// anything. False by default: each output is passed on at once.
  var emitsTogether: Bool { get }

  /// Takes an element. Called for one element after another.
  ///
  /// If it throws, the element has failed, and the pipeline's policy decides; outputs that were emitted before
  /// continue. If the run continues, the worker does too, with the state as it is then.
  ///
  /// - Parameter context: takes what is emitted; valid until this returns.
  //
  // Concurrent, so that a conforming type can pass the context to asynchronous functions of its own, whether or not its
  // module enables NonisolatedNonsendingByDefault.
  @concurrent
  mutating func process(_ element: Input, in context: StageContext<Output>) async throws

  /// Emits what the stage has kept, after the last element. Does nothing by default.
  ///
  /// Called once for each worker, even if it had no element, but not in a run that ends early. If it throws, the run
  /// ends, whatever the policy.
  @concurrent
  mutating func finish(in context: StageContext<Output>) async throws
}

extension Stage {
  @inlinable public var name: String { String(describing: Self.self) }

  @inlinable public var emitsTogether: Bool { false }

  @concurrent
  @inlinable
  public mutating func finish(in context: StageContext<Output>) async throws {}
}
