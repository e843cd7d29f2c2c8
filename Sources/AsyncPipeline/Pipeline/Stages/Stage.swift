/// A stage of a pipeline as a type: it has a name, a state and metrics, and may emit fewer elements than it gets, or
/// more.
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
/// ``PipelineProtocol/through(_:width:)`` inserts it, and ``then(_:)`` makes one stage of two. Its value is what each
/// worker of each run begins with: a worker changes a copy of its own. What all are to share, and what must be closed
/// however a run ends, is an object that the value refers to.
public protocol Stage<Input, Output>: Sendable {
  associatedtype Input: Sendable
  associatedtype Output: Sendable

  /// For the report and for failures; by default the type's.
  var name: String { get }

  /// Whether what is emitted waits for what the elements that are there already bring, up to some 10 ms, to cross to
  /// the next stage with it: for a stage that neither works long at an element nor waits for anything, but where it has
  /// called ``StageContext/flush()`` before. By default not: each element is passed on at once.
  var emitsTogether: Bool { get }

  /// Takes an element. Called for one after another.
  ///
  /// If it throws the element has failed, and it is as the pipeline's policy says; what it has emitted before goes on.
  /// Where the run goes on, so does the worker, with the state that was left.
  ///
  /// - Parameter context: takes what is emitted; for use until this returns.
  //
  // Concurrent, so that whoever conforms may pass the context to asynchronous functions of his own, whether or not
  // these run where their caller does unless they say otherwise.
  @concurrent
  mutating func process(_ element: Input, in context: StageContext<Output>) async throws

  /// There are no more elements: what has been kept is to be emitted. By default nothing.
  ///
  /// Called once for each worker, also if it had no element; but not in a run that ends early. If it throws the run
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
