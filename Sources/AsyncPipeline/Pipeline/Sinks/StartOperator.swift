extension PipelineProtocol {
  /// Starts the pipeline in a task of its own, and returns at once.
  ///
  /// ```swift
  /// let sum = Pipeline(1...100).start(.fold(into: 0) { $0 += $1 })
  /// for await report in sum.progress(every: .seconds(1)) { print(report) }
  /// print(try await sum.value)
  /// ```
  ///
  /// The sink takes cancellation and failures as ``forEach(on:buffered:drainsWhenCancelled:_:)`` does, the cancellation
  /// being that of the handle. The task is an unstructured one: it is not cancelled with the task that has started it,
  /// and a run whose handle is lost continues to its end.
  ///
  /// - Parameters:
  ///   - sink: `.forEach { … }`, `.collect`, `.fold(into: …) { … }` or `.count`.
  ///   - executor: where the run's tasks run for which nothing else is said; by default the global one.
  @inlinable
  public func start<Value>(
    _ sink: PipelineSink<Element, Value>, on executor: (any TaskExecutor)? = nil
  ) -> PipelineHandle<Value> {
    PipelineHandle(sink.prepare(erased), on: executor)
  }

  /// Starts the pipeline in a task of its own, which calls `body` with each element, one after another: see
  /// ``start(_:on:)``.
  @inlinable
  public func start(_ body: @escaping @Sendable (Element) async throws -> Void) -> PipelineHandle<Void> {
    start(.forEach(body))
  }
}
