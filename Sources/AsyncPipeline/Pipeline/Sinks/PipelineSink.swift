/// What stands at the end of a pipeline that is started: see ``PipelineProtocol/start(_:on:)``.
public struct PipelineSink<Element: Sendable, Value: Sendable>: Sendable {
  @usableFromInline let prepare: @Sendable (Pipeline<Element>) -> PreparedRun<Value>

  @inlinable
  init(_ prepare: @escaping @Sendable (Pipeline<Element>) -> PreparedRun<Value>) {
    self.prepare = prepare
  }

  /// Combines the elements: see ``PipelineProtocol/fold(into:on:buffered:_:)``.
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
  /// Returns how many elements there were: see ``PipelineProtocol/count()``.
  @inlinable public static var count: PipelineSink { PipelineSink { $0.prepareCount() } }
}
