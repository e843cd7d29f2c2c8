import AsyncPipeline

extension PipelineProtocol {
  /// Passes each element to a closure, and emits it.
  func tap(_ look: @escaping @Sendable (Element) throws -> Void) -> Pipeline<Element> {
    map { element in
      try look(element)
      return element
    }.erased
  }
}
