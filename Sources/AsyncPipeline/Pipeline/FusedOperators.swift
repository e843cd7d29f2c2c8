extension Pipeline {
  /// Transforms each element.
  ///
  /// - *emits* one element for each that comes, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *on failure* of `transform`: as the pipeline's policy says
  @inlinable
  public func map<Output: Sendable>(_ transform: @escaping @Sendable (Element) throws -> Output) -> Pipeline<Output> {
    compactMap(transform)
  }

  /// Lets those elements pass for which `isIncluded` is true.
  ///
  /// - *emits* some of the elements, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *on failure* of `isIncluded`: as the pipeline's policy says
  @inlinable
  public func filter(_ isIncluded: @escaping @Sendable (Element) throws -> Bool) -> Pipeline {
    compactMap { try isIncluded($0) ? $0 : nil }
  }

  /// Transforms each element, and leaves those out that come to nil.
  ///
  /// - *emits* at most one element for each that comes, in their order
  /// - *suspends* never; it runs in the task of the stage before it
  /// - *on failure* of `transform`: as the pipeline's policy says
  @inlinable
  public func compactMap<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) throws -> Output?
  ) -> Pipeline<Output> {
    Pipeline<Output>(stageNames: stageNames, policy: policy) { [produce] run, makeEmitter in
      try await produce(run) { counters in
        let next = makeEmitter(counters)
        return Emitter(
          accept: { element in
            let output: Output?
            do {
              output = try transform(element)
            } catch {
              try run.handle(error, in: counters)
              return false
            }
            return try output.map(next.accept) ?? false
          }, flush: next.flush)
      }
    }
  }
}
