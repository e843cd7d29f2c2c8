extension PipelineProtocol {
  /// Passes all elements on, and to an arm, whose own elements are discarded.
  ///
  /// The slower of the two bounds both: neither gets further ahead of the other than its buffers hold. The arm's stages
  /// are in the report, between one that is called "tee arm" and one called "discard". Of the two that an element
  /// becomes, the report counts one as expanded; the output of the tee is the sum of what goes on and of what goes to
  /// the arm.
  ///
  /// - *emits* the elements, in the order in which they come
  /// - *suspends* the stage before it, in the tasks of which it runs, while the stage behind it or the arm has no room.
  ///   The arm's beginning holds 64 elements, or fewer as ``Pipeline`` says, and each of those tasks half as many more
  /// - *finishes* when its input and the arm have. If the arm ends earlier, because it wants no more elements, they go
  ///   on without it; those that still come to it are counted as filtered. If the stages behind want no more, the arm
  ///   is cancelled
  /// - *on cancel* the arm is cancelled, and waited for
  /// - *on failure* it cannot fail; failures in the arm are the pipeline's, whose policy holds there too
  ///
  /// - Parameter arm: called once a run; puts operators behind the pipeline that it is given, which runs in no other
  ///   place.
  @inlinable
  public func tee<Discarded: Sendable>(
    into arm: @escaping @Sendable (Pipeline<Element>) -> some PipelineProtocol<Discarded>
  ) -> Pipeline<Element> {
    let pipeline = erased
    return Pipeline(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      let tee = Tee(
        stage: run.addStage("tee"), upstream: upstream, arm: Arm("tee arm", in: run, behind: upstream.bound, arm),
        discard: run.addStage("discard"))
      return Producer(stage: tee.stage, bound: upstream.bound.behind) { makeEmitter in try await tee.run(makeEmitter) }
    }
  }
}

/// A tee in one run.
@usableFromInline
struct Tee<Element: Sendable, Discarded: Sendable>: Sendable {
  @usableFromInline let stage: StageCounters
  @usableFromInline let upstream: Producer<Element>
  @usableFromInline let arm: Arm<Element, Discarded>
  /// The stage at the arm's end.
  @usableFromInline let discard: StageCounters

  @inlinable
  init(stage: StageCounters, upstream: Producer<Element>, arm: Arm<Element, Discarded>, discard: StageCounters) {
    (self.stage, self.upstream, self.arm, self.discard) = (stage, upstream, arm, discard)
  }

  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Element>) async throws {
    defer { arm.inlet.countRemainingAsCancelled() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await upstream.produce { doubling(makeEmitter()) }
        arm.inlet.finish()
      }
      group.addTask {
        try await arm.run {
          .batching(from: arm.producer.stage, to: discard) { batch in discard.add(output: batch.count) }
        }
      }
      // Leaves with the first failure, which cancels the other task.
      while try await group.next() != nil {}
    }
  }

  /// For a task of the stage before. The arm is first in everything: what has gone on, the arm has had.
  @inlinable
  func doubling(_ next: Emitter<Element>) -> Emitter<Element> {
    let copies = arm.makeEmitter(from: stage)
    let passed = LocalCount()
    let publish = {
      let count = passed.take()
      upstream.stage.add(output: count)
      stage.add(input: count)
      stage.add(expanded: count)
    }
    return Emitter(
      stage: upstream.stage,
      accept: { element in
        passed.value += 1
        let isArmFull = try copies.accept(element)
        let isNextFull = try next.accept(element)
        return isArmFull || isNextFull
      },
      flush: {
        publish()
        try await upstream.stage.blocked.measure {
          try await copies.flush()
          try await next.flush()
        }
      },
      close: {
        publish()
        copies.close()
        next.close()
      })
  }
}
