extension PipelineProtocol {
  /// Emits all elements, and sends them into a branch too, whose own output is discarded.
  ///
  /// The slower of the two slows both: neither gets further ahead of the other than its buffers allow. The stages of
  /// the branch are in the report, between a stage "tee branch" and a stage "discard". Of the two copies of an element,
  /// the report counts one as expanded; the output of the tee is the sum of the elements that it emits and of those
  /// that it sends into the branch.
  ///
  /// - *emits* the elements, in the order in which they arrive
  /// - *suspends* the stage before it, in whose tasks it runs, while the stage behind it or the branch has no room. The
  ///   first stage of the branch holds 64 elements, or fewer as ``Pipeline`` says, and each of those tasks half as many
  ///   more
  /// - *finishes* when its input and the branch have. If the branch finishes earlier, because it needs no more
  ///   elements, the tee continues without it; the branch's further elements are counted as filtered. If the stages
  ///   behind need no more elements, the branch is cancelled
  /// - *on cancel* the branch is cancelled, and waited for
  /// - *on failure* it cannot fail; the pipeline's policy applies to failures in the branch too
  ///
  /// - Parameter branch: called once per run; adds operators to the given pipeline, which must not be used elsewhere.
  @inlinable
  public func tee<Discarded: Sendable>(
    into branch: @escaping @Sendable (Pipeline<Element>) -> some PipelineProtocol<Discarded>
  ) -> Pipeline<Element> {
    let pipeline = erased
    return Pipeline(policy: pipeline.policy) { run in
      let upstream = pipeline.make(run)
      let tee = Tee(
        stage: run.addStage("tee"), upstream: upstream,
        branch: Branch("tee branch", in: run, behind: upstream.bound, branch),
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
  @usableFromInline let branch: Branch<Element, Discarded>
  /// The last stage of the branch.
  @usableFromInline let discard: StageCounters

  @inlinable
  init(stage: StageCounters, upstream: Producer<Element>, branch: Branch<Element, Discarded>, discard: StageCounters) {
    (self.stage, self.upstream, self.branch, self.discard) = (stage, upstream, branch, discard)
  }

  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Element>) async throws {
    defer { branch.inlet.countRemainingAsCancelled() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await upstream.produce { doubling(makeEmitter()) }
        branch.inlet.finish()
      }
      group.addTask {
        try await branch.run {
          .batching(from: branch.producer.stage, to: discard) { batch in discard.add(output: batch.count) }
        }
      }
      // Exits with the first error, which cancels the other task.
      while try await group.next() != nil {}
    }
  }

  /// For a task of the stage before. The branch comes first everywhere: an element that was emitted has been sent into
  /// the branch.
  @inlinable
  func doubling(_ next: Emitter<Element>) -> Emitter<Element> {
    let copies = branch.makeEmitter(from: stage)
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
        let isBranchFull = try copies.accept(element)
        let isNextFull = try next.accept(element)
        return isBranchFull || isNextFull
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
