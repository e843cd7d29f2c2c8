/// A part of a pipeline that is fed from another part through a queue of its own, and may end before that.
@usableFromInline
struct Arm<Input: Sendable, Output: Sendable>: Sendable {
  /// Of the stage at the arm's beginning.
  @usableFromInline let inlet: StageInputQueue<Input>
  /// The arm from its beginning to its end.
  @usableFromInline let producer: Producer<Output>
  @usableFromInline let room: StageBudget

  /// - Parameters:
  ///   - name: of the stage at the arm's beginning, which runs the synchronous operators there.
  ///   - run: to which the arm's stages are added.
  ///   - bound: of what feeds the arm.
  ///   - build: puts the arm behind its beginning.
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

  /// Runs the arm to its end, after which it takes no more elements.
  @inlinable
  func run(_ makeEmitter: @escaping EmitterFactory<Output>) async throws {
    try await producer.produce(makeEmitter)
    inlet.finish()
  }

  /// For a task of the stage that feeds the arm. What comes when the arm has ended is counted as filtered, at its
  /// beginning.
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
