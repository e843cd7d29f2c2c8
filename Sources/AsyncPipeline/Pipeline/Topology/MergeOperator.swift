extension PipelineProtocol {
  /// Emits the elements of several pipelines as they arrive.
  ///
  /// The pipelines run concurrently. Each has its own order; the order between them is unspecified. The failure policy
  /// is that of the first pipeline that has one.
  ///
  /// - *emits* each element of each pipeline
  /// - *suspends* never; it runs in the tasks of the stages before it, each of which suspends while the stage behind
  ///   has no room
  /// - *finishes* when all of the pipelines have
  /// - *on cancel* nothing of its own
  /// - *on failure* it cannot fail; if the failure of one pipeline ends the run, it ends all pipelines
  @inlinable
  public func merge(with others: any PipelineProtocol<Element>...) -> Pipeline<Element> {
    Pipeline(merging: [self] + others)
  }
}

extension Pipeline {
  /// The elements of several pipelines as they arrive: see ``PipelineProtocol/merge(with:)``.
  ///
  /// - Parameter pipelines: may be empty; the merged pipeline is empty then.
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
  /// Produces the elements of several producers.
  @inlinable
  static func merging(_ producers: [Producer], as stage: StageCounters) -> Producer {
    Producer(stage: stage, bound: .behind(producers.map(\.bound))) { makeEmitter in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for producer in producers {
          group.addTask { try await producer.produce { .relaying(from: producer.stage, to: makeEmitter()) } }
        }
        // Exits with the first error, which cancels the others.
        while try await group.next() != nil {}
      }
    }
  }
}
