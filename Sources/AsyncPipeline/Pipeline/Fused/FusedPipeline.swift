/// A pipeline that ends in synchronous operators, which the stage before them runs.
///
/// A further synchronous operator extends the chain, at the cost of one more closure call.
public struct FusedPipeline<Steps: FusedSteps>: Sendable {
  @usableFromInline var base: Pipeline<Steps.Input>
  /// Called once per run.
  @usableFromInline let makeSteps: @Sendable () -> Steps

  @inlinable
  init(base: Pipeline<Steps.Input>, makeSteps: @escaping @Sendable () -> Steps) {
    (self.base, self.makeSteps) = (base, makeSteps)
  }

  @inlinable public var erased: Pipeline<Steps.Output> {
    base.inline(Steps.names) { [makeSteps] in
      let steps = makeSteps()
      return { next, context in steps.emitter(to: next, context) }
    }
  }
}

extension Pipeline {
  /// A pipeline with operators that the tasks of the stage before them run.
  ///
  /// - Parameters:
  ///   - names: of the operators, for the report.
  ///   - begin: called once per run; returns a function that is called for each task, and puts the operators before an
  ///     emitter.
  @inlinable
  func inline<Output: Sendable>(
    _ names: [String],
    _ begin: @escaping @Sendable () -> @Sendable (_ next: Emitter<Output>, FusedContext) -> Emitter<Element>
  ) -> Pipeline<Output> {
    Pipeline<Output>(policy: policy) { [make] run in
      let upstream = make(run)
      upstream.stage.add(operators: names)
      let attach = begin()
      return Producer(stage: upstream.stage, bound: upstream.bound) { makeEmitter in
        try await upstream.produce { attach(makeEmitter(), FusedContext(run: run, stage: upstream.stage)) }
      }
    }
  }
}

extension FusedSteps {
  /// The steps before an emitter, in one task.
  @inlinable
  func emitter(to next: Emitter<Output>, _ context: FusedContext) -> Emitter<Input> {
    Emitter(
      stage: context.stage,
      accept: { element in
        guard let output = try apply(to: element, context) else { return context.routed != nil }
        return try next.accept(output)
      },
      pass: { element in
        defer { context.publish() }
        guard let output = try apply(to: element, context) else { return context.routed != nil }
        return try next.pass(output)
      },
      flush: {
        context.publish()
        try await context.deliverRouted()
        try await next.flush()
      },
      close: {
        context.publish()
        next.close()
      })
  }
}

/// What synchronous operators do in one task beside computing: they count the elements that they drop or add, and
/// handle failures.
public final class FusedContext {
  /// How many elements are counted here before the report sees them.
  @inlinable static var unpublishedLimit: Int { 1024 }

  @usableFromInline let run: PipelineRun
  @usableFromInline let stage: StageCounters
  @usableFromInline var filtered = 0
  @usableFromInline var expanded = 0
  /// A failure to be routed by the next flush.
  @usableFromInline var routed: PipelineFailure?

  @usableFromInline
  init(run: PipelineRun, stage: StageCounters) {
    (self.run, self.stage) = (run, stage)
  }

  /// Counts an element that an operator has dropped on purpose.
  @inlinable
  func countFiltered() {
    filtered += 1
    if filtered >= Self.unpublishedLimit { publish() }
  }

  @usableFromInline
  func publish() {
    stage.add(filtered: filtered)
    stage.add(expanded: expanded)
    (filtered, expanded) = (0, 0)
  }

  /// Handles an error that an operator's closure threw. Returns if the run continues without the element.
  @usableFromInline @inline(never)
  func fail(_ error: any Error, in operation: String, _ element: Any) throws {
    switch run.judge(error, of: element, ElementToken(of: stage), operation: operation) {
    case .drop: return
    case .route(let failure): routed = failure
    case .end(let error): throw error
    }
  }

  /// Passes a pending failure to its handler.
  @inlinable
  func deliverRouted() async throws {
    guard let failure = routed else { return }
    routed = nil
    try await run.route(failure, from: stage)
  }
}
