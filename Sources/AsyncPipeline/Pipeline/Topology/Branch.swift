/// A part of a pipeline that is fed by another part through a queue of its own, and may end before that part does.
@usableFromInline
struct Branch<Input: Sendable, Output: Sendable>: Sendable {
  /// The queue of the branch's first stage.
  @usableFromInline let inlet: StageInputQueue<Input>
  /// The branch from its first stage to its last.
  @usableFromInline let producer: Producer<Output>
  @usableFromInline let room: StageBudget

  /// - Parameters:
  ///   - name: of the branch's first stage, which also runs the synchronous operators behind it.
  ///   - run: the stages of the branch are added to it.
  ///   - bound: of the stage that feeds the branch.
  ///   - build: adds the branch's operators to its first stage.
  @inlinable
  init(
    _ name: String, in run: PipelineRun, behind bound: QueueBound,
    _ build: (Pipeline<Input>) -> some PipelineProtocol<Output>
  ) {
    let room = StageBudget.usual(behind: bound, of: Input.self)
    self.room = room
    let inlet = StageInputQueue<Input>(of: run.addStage(name), capacity: room.queue)
    self.inlet = inlet
    let beginning = Pipeline<Input> { _ in
      Producer(stage: inlet.stage, bound: bound.behind) { makeEmitter in
        try await inlet.stage.life.measure {
          try await withEmitter(makeEmitter) { emitter in try await inlet.forward(upTo: room.hand, to: emitter) }
        }
      }
    }
    producer = build(beginning).erased.make(run)
  }

  /// Runs the branch to its end. It takes no more elements then.
  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    try await producer.produce(makeEmitter)
    inlet.finish()
  }

  /// For a task of the stage that feeds the branch. Elements that arrive after the branch has ended are counted as
  /// filtered, at its first stage.
  @inlinable
  func makeEmitter(from previous: StageCounters) -> Emitter<Input> {
    .batching(from: previous, to: inlet.stage, size: room.hand) { batch in
      switch await inlet.attemptSend(batch, from: previous) {
      case .sent: return
      case .finished(let rest):
        inlet.stage.take(rest.count).filter()
      case .cancelled(let rest):
        inlet.stage.take(rest.count).cancel()
        throw CancellationError()
      }
    }
  }
}
