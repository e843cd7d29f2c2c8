extension PipelineProtocol {
  /// Starts a run of the pipeline in a task of its own, and returns at once.
  ///
  /// ```swift
  /// let sum = Pipeline(1...100).start(.fold(into: 0) { $0 += $1 })
  /// for await report in sum.progress(every: .seconds(1)) { print(report) }
  /// print(try await sum.value)
  /// ```
  ///
  /// The sink handles failures, and cancellation by the handle, as ``forEach(on:buffered:drainsWhenCancelled:_:)``
  /// does. The task is unstructured: it is not cancelled with the task that has started it, and a run whose handle is
  /// lost continues to its end.
  ///
  /// - Parameters:
  ///   - sink: `.forEach { … }`, `.collect`, `.fold(into: …) { … }` or `.count`.
  ///   - executor: where the run's tasks run that have no executor of their own; by default the global one.
  @inlinable
  public func start<Value>(
    _ sink: PipelineSink<Element, Value>, on executor: (any TaskExecutor)? = nil
  ) -> PipelineHandle<Value> {
    PipelineHandle(sink.prepare(erased), on: executor)
  }

  /// Starts a run in a task of its own, which calls `body` with one element after another: see ``start(_:on:)``.
  @inlinable
  public func start(_ body: @escaping @Sendable (Element) async throws -> Void) -> PipelineHandle<Void> {
    start(.forEach(body))
  }
}

/// The sink of a pipeline that is started: see ``PipelineProtocol/start(_:on:)``.
public struct PipelineSink<Element: Sendable, Value: Sendable>: Sendable {
  @usableFromInline let prepare: @Sendable (Pipeline<Element>) -> PreparedRun<Value>

  @inlinable
  init(_ prepare: @escaping @Sendable (Pipeline<Element>) -> PreparedRun<Value>) {
    self.prepare = prepare
  }

  /// Combines the elements into one value: see ``PipelineProtocol/fold(into:on:buffered:_:)``.
  @inlinable
  public static func fold(
    into initial: Value, on executor: (any TaskExecutor)? = nil, buffered: Int? = nil,
    _ combine: @escaping @Sendable (inout Value, Element) async throws -> Void
  ) -> PipelineSink {
    PipelineSink { $0.prepareFold(into: initial, on: executor, buffered: buffered, combine) }
  }
}

extension PipelineSink where Value == Void {
  /// Calls a closure with each element: see ``PipelineProtocol/forEach(on:buffered:drainsWhenCancelled:_:)``.
  @inlinable
  public static func forEach(
    on executor: (any TaskExecutor)? = nil, buffered: Int? = nil, drainsWhenCancelled: Bool = false,
    _ body: @escaping @Sendable (Element) async throws -> Void
  ) -> PipelineSink {
    PipelineSink {
      $0.prepareForEach(on: executor, buffered: buffered, drainsWhenCancelled: drainsWhenCancelled, body)
    }
  }
}

extension PipelineSink where Value == [Element] {
  /// Returns all elements: see ``PipelineProtocol/collect()``.
  @inlinable public static var collect: PipelineSink { PipelineSink { $0.prepareCollect() } }
}

extension PipelineSink where Value == Int {
  /// Returns the number of elements: see ``PipelineProtocol/count()``.
  @inlinable public static var count: PipelineSink { PipelineSink { $0.prepareCount() } }
}
