extension PipelineProtocol {
  /// Sends each element into one of several branches, and merges their outputs.
  ///
  /// A slow branch slows the others too, once its buffers are full. The stages of the branches are in the report: for
  /// each key a stage "partition: KEY", followed by the stages of its branch, and after the last branch a stage
  /// "merge".
  ///
  /// - *emits* the outputs of the branches, each in its own order; the order between branches is unspecified
  /// - *suspends* the stage before it, in whose tasks it runs, while the element's branch has no room. The first stage
  ///   of each branch holds 64 elements, or fewer as ``Pipeline`` says, and each of those tasks half as many more
  /// - *finishes* when all branches have. If a branch finishes before its input, because it needs no more elements, the
  ///   others continue; its further elements are counted as filtered. If all branches do, the stages before are ended,
  ///   and the run succeeds
  /// - *on cancel* the branches are cancelled, and waited for
  /// - *on failure* of `key`, and if `keys` does not contain the key: as the pipeline's policy says, which applies to
  ///   the branches too
  ///
  /// - Parameters:
  ///   - key: returns the key of an element's branch.
  ///   - keys: one per branch; no duplicates.
  ///   - branch: called once per run for each key; adds operators to the given pipeline, which must not be used
  ///     elsewhere.
  @inlinable
  public func partition<Key: Hashable & Sendable, Output: Sendable>(
    by key: @escaping @Sendable (Element) throws -> Key, among keys: [Key],
    into branch: @escaping @Sendable (Key, Pipeline<Element>) -> some PipelineProtocol<Output>
  ) -> Pipeline<Output> {
    precondition(!keys.isEmpty, "a partition has at least one branch")
    precondition(Set(keys).count == keys.count, "each key of a partition has one branch")
    let pipeline = erased
    return Pipeline<Output>(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      let stage = run.addStage("partition")
      let branches = keys.map { key in
        Branch("partition: \(key)", in: run, behind: upstream.bound) { branch(key, $0) }
      }
      let partition = Partition(
        run: run, stage: stage, upstream: upstream, key: key,
        indices: Dictionary(uniqueKeysWithValues: Swift.zip(keys, keys.indices)), branches: branches)
      let merged = Producer.merging(partition.outputs, as: run.addStage("merge"))
      return Producer(stage: merged.stage, bound: merged.bound) { makeEmitter in
        try await partition.run(merged, makeEmitter)
      }
    }
  }

  /// Sends each element into the branch of its case, and merges the branches' outputs.
  ///
  /// Emits, suspends, finishes, and handles cancellation and failures as ``partition(by:among:into:)`` does.
  ///
  /// - Parameters:
  ///   - key: returns the case of an element's branch.
  ///   - branch: called once per run for each case; adds operators to the given pipeline, which must not be used
  ///     elsewhere.
  @inlinable
  public func partition<Key: Hashable & Sendable & CaseIterable, Output: Sendable>(
    by key: @escaping @Sendable (Element) throws -> Key,
    into branch: @escaping @Sendable (Key, Pipeline<Element>) -> some PipelineProtocol<Output>
  ) -> Pipeline<Output> {
    partition(by: key, among: Array(Key.allCases), into: branch)
  }
}

/// The failure of an element for whose key a partition has no branch.
public struct UnknownPartition: Error, Hashable, CustomStringConvertible {
  /// The key's description.
  public let key: String

  public var description: String { "there is no branch for \(key)" }

  @usableFromInline
  init(key: String) {
    self.key = key
  }
}

/// A partition in one run.
@usableFromInline
struct Partition<Element: Sendable, Key: Hashable & Sendable, Output: Sendable>: Sendable {
  @usableFromInline let pipelineRun: PipelineRun
  @usableFromInline let stage: StageCounters
  @usableFromInline let upstream: Producer<Element>
  @usableFromInline let key: @Sendable (Element) throws -> Key
  @usableFromInline let indices: [Key: Int]
  @usableFromInline let branches: [Branch<Element, Output>]

  @inlinable
  init(
    run: PipelineRun, stage: StageCounters, upstream: Producer<Element>,
    key: @escaping @Sendable (Element) throws -> Key, indices: [Key: Int], branches: [Branch<Element, Output>]
  ) {
    (pipelineRun, self.stage, self.upstream) = (run, stage, upstream)
    (self.key, self.indices, self.branches) = (key, indices, branches)
  }

  @inlinable var outputs: [Producer<Output>] {
    branches.map { branch in
      Producer(stage: branch.producer.stage, bound: branch.producer.bound) { makeEmitter in
        try await branch.run(makeEmitter)
      }
    }
  }

  @inlinable
  func run(_ merged: Producer<Output>, _ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    defer { for branch in branches { branch.inlet.countRemainingAsCancelled() } }
    let demand = Demand()
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await upstream.produce { makeEntrance() }
          for branch in branches { branch.inlet.finish() }
        }
        group.addTask {
          try await merged.produce(makeEmitter)
          // No branch takes further elements.
          throw EndOfDemand(demand)
        }
        // Exits with the first error, which cancels the other task.
        while try await group.next() != nil {}
      }
    } catch let end as EndOfDemand where end.demand === demand {
    }
  }

  /// For a task of the stage before.
  @inlinable
  func makeEntrance() -> Emitter<Element> {
    let emitters = branches.map { $0.makeEmitter(from: stage) }
    let context = FusedContext(run: pipelineRun, stage: stage)
    let passed = LocalCount()
    let publish = {
      let count = passed.take()
      upstream.stage.add(output: count)
      stage.add(input: count)
    }
    return Emitter(
      stage: upstream.stage,
      accept: { element in
        passed.value += 1
        guard let index = try branchIndex(of: element, context) else { return context.routed != nil }
        return try emitters[index].accept(element)
      },
      flush: {
        publish()
        try await upstream.stage.blocked.measure {
          try await context.deliverRouted()
          for emitter in emitters { try await emitter.flush() }
        }
      },
      close: {
        publish()
        for emitter in emitters { emitter.close() }
      })
  }

  /// Nil for an element that failed, if the run continues without it.
  @inlinable
  func branchIndex(of element: Element, _ context: FusedContext) throws -> Int? {
    do {
      let key = try key(element)
      if let index = indices[key] { return index }
      throw UnknownPartition(key: String(describing: key))
    } catch {
      try context.fail(error, in: stage.name, element)
      return nil
    }
  }
}
