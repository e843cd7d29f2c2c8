extension PipelineProtocol {
  /// Sends each element into one of several arms, and puts what comes out of them together.
  ///
  /// An arm that is slow bounds the others too, once its buffers are full. The arms' stages are in the report: for each
  /// key there is one called "partition: " and the key, and what the arm consists of; at the end stands one that is
  /// called "merge".
  ///
  /// - *emits* what comes out of the arms, each in its own order; there is none between them
  /// - *suspends* the stage before it, in the tasks of which it runs, while the arm that an element is for has no room.
  ///   The beginning of each arm holds 64 elements, or fewer as ``Pipeline`` says, and each of those tasks half as many
  ///   more
  /// - *finishes* when all arms have. If an arm ends earlier than its input, because it wants no more elements, the
  ///   others go on; those that still come for it are counted as filtered. If all arms do, the stages before are ended,
  ///   and the run ends well
  /// - *on cancel* the arms are cancelled, and waited for
  /// - *on failure* of `key`, and if it names none of `keys`: as the pipeline's policy says, which holds in the arms
  ///   too
  ///
  /// - Parameters:
  ///   - key: which arm an element is for.
  ///   - keys: of all the arms that there are; each once.
  ///   - arm: called once a run for each key; puts operators behind the pipeline that it is given, which runs in no
  ///     other place.
  @inlinable
  public func partition<Key: Hashable & Sendable, Output: Sendable>(
    by key: @escaping @Sendable (Element) throws -> Key, among keys: [Key],
    into arm: @escaping @Sendable (Key, Pipeline<Element>) -> some PipelineProtocol<Output>
  ) -> Pipeline<Output> {
    precondition(!keys.isEmpty, "a partition has at least one part")
    precondition(Set(keys).count == keys.count, "each key of a partition has one arm")
    let pipeline = erased
    return Pipeline<Output>(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      let stage = run.addStage("partition")
      let arms = keys.map { key in
        Arm("partition: \(key)", in: run, behind: upstream.bound) { arm(key, $0) }
      }
      let partition = Partition(
        run: run, stage: stage, upstream: upstream, key: key,
        places: Dictionary(uniqueKeysWithValues: Swift.zip(keys, keys.indices)), arms: arms)
      let merged = Producer.merging(partition.outputs, as: run.addStage("merge"))
      return Producer(stage: merged.stage, bound: merged.bound) { makeEmitter in
        try await partition.run(merged, makeEmitter)
      }
    }
  }

  /// Sends each element into the arm of its case, and puts what comes out of the arms together.
  ///
  /// It emits, suspends, finishes, and takes cancellation and failures as ``partition(by:among:into:)`` does.
  ///
  /// - Parameters:
  ///   - key: which arm an element is for.
  ///   - arm: called once a run for each case; puts operators behind the pipeline that it is given, which runs in no
  ///     other place.
  @inlinable
  public func partition<Key: Hashable & Sendable & CaseIterable, Output: Sendable>(
    by key: @escaping @Sendable (Element) throws -> Key,
    into arm: @escaping @Sendable (Key, Pipeline<Element>) -> some PipelineProtocol<Output>
  ) -> Pipeline<Output> {
    partition(by: key, among: Array(Key.allCases), into: arm)
  }
}

/// An element's key is none that a partition has an arm for.
public struct UnknownPartition: Error, Hashable, CustomStringConvertible {
  /// The key's description.
  public let key: String

  public var description: String { "there is no arm for \(key)" }

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
  @usableFromInline let places: [Key: Int]
  @usableFromInline let arms: [Arm<Element, Output>]

  @inlinable
  init(
    run: PipelineRun, stage: StageCounters, upstream: Producer<Element>,
    key: @escaping @Sendable (Element) throws -> Key, places: [Key: Int], arms: [Arm<Element, Output>]
  ) {
    (pipelineRun, self.stage, self.upstream) = (run, stage, upstream)
    (self.key, self.places, self.arms) = (key, places, arms)
  }

  @inlinable var outputs: [Producer<Output>] {
    arms.map { arm in
      Producer(stage: arm.producer.stage, bound: arm.producer.bound) { makeEmitter in try await arm.run(makeEmitter) }
    }
  }

  @inlinable
  func run(_ merged: Producer<Output>, _ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    defer { for arm in arms { arm.inlet.countRemainingAsCancelled() } }
    let demand = Demand()
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await upstream.produce { makeEntrance() }
          for arm in arms { arm.inlet.finish() }
        }
        group.addTask {
          try await merged.produce(makeEmitter)
          // Should there be more elements, nobody wants them.
          throw EndOfDemand(demand)
        }
        // Leaves with the first failure, which cancels the other task.
        while try await group.next() != nil {}
      }
    } catch let end as EndOfDemand where end.demand === demand {
    }
  }

  /// For a task of the stage before.
  @inlinable
  func makeEntrance() -> Emitter<Element> {
    let emitters = arms.map { $0.makeEmitter(from: stage) }
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
        guard let place = try place(of: element, context) else { return context.routed != nil }
        return try emitters[place].accept(element)
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

  /// Nil for an element that failed and is left out.
  @inlinable
  func place(of element: Element, _ context: FusedContext) throws -> Int? {
    do {
      let key = try key(element)
      if let place = places[key] { return place }
      throw UnknownPartition(key: String(describing: key))
    } catch {
      try context.fail(error, in: stage.name, element)
      return nil
    }
  }
}
