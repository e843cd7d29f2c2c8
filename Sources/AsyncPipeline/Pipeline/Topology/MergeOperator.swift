extension PipelineProtocol {
  /// Puts the elements of several pipelines together as they come.
  ///
  /// The pipelines run at the same time, each with its own order; there is none between them. What happens to elements
  /// that fail says the first of them that says it.
  ///
  /// - *emits* each element of each pipeline
  /// - *suspends* never; it runs in the tasks of the stages before it, each of which suspends while the stage behind
  ///   has no room
  /// - *finishes* when all of the pipelines have
  /// - *on cancel* nothing of its own
  /// - *on failure* it cannot fail; the failure of one pipeline that ends the run ends them all
  @inlinable
  public func merge(with others: any PipelineProtocol<Element>...) -> Pipeline<Element> {
    Pipeline(merging: [self] + others)
  }
}

extension Pipeline {
  /// The elements of several pipelines as they come: see ``PipelineProtocol/merge(with:)``.
  ///
  /// - Parameter pipelines: if there are none, there are no elements.
  @inlinable
  public init(merging pipelines: [any PipelineProtocol<Element>]) {
    // A key path instead of the closure crashes the compiler (6.3.1): the members are existentials.
    let pipelines = pipelines.map { $0.erased }
    self.init(policy: pipelines.lazy.compactMap(\.policy).first) { run in
      .merging(pipelines.map { $0.make(run) }, as: run.addStage("merge"))
    }
  }
}

extension Producer {
  /// Produces what several do.
  @inlinable
  static func merging(_ producers: [Producer], as stage: StageCounters) -> Producer {
    Producer(stage: stage, bound: .behind(producers.map(\.bound))) { makeEmitter in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for producer in producers {
          group.addTask { try await producer.produce { .relaying(from: producer.stage, to: makeEmitter()) } }
        }
        // Leaves with the first failure, which cancels the others.
        while try await group.next() != nil {}
      }
    }
  }
}
