extension PipelineProtocol {
  /// Transforms elements concurrently, by `width` tasks.
  ///
  /// - *emits* one element for each that comes, in the order that `order` says, each as soon as the order lets it
  /// - *suspends* the stage before it while `width` elements are at work and `readAhead` wait; in the input's order
  ///   also while its window is full
  /// - *finishes* when the last element is transformed
  /// - *on cancel* the tasks are cancelled, and waited for
  /// - *on failure* of `transform`, or when its time is over: the element is retried as `retry` says. The last failure
  ///   is treated as the pipeline's policy says, and has the number of attempts
  ///
  /// - Parameters:
  ///   - width: how many elements are at work at once; at least 1, or `.automatic`.
  ///   - readAhead: how many elements wait for a worker, or, in an order by keys, for the one before them; not
  ///     negative. By default 16 for each worker; 128 for a single one, in the order of completion; or fewer as
  ///     ``Pipeline`` says. With the input's order as many as its window has room for.
  ///   - order: of what comes out: `.input`, `.completion`, or `.perKey { … }`.
  ///   - timeout: for each attempt at an element; positive. When it is over the task that `transform` runs in is
  ///     cancelled and waited for, and the attempt fails with ``PipelineTimeout/element(_:)``. It takes two more tasks
  ///     for each attempt.
  ///   - retry: which failures are retried. The element keeps its worker meanwhile; the report counts the waits between
  ///     attempts as delayed, not as busy.
  ///   - clock: that measures the timeout, and the waits between attempts.
  @inlinable
  public func mapAsync<Output: Sendable>(
    width: some StageWidth, readAhead: Int? = nil, order: OutputOrder<Element> = .input, timeout: Duration? = nil,
    retry: Retry = .never, clock: any Clock<Duration> = ContinuousClock(),
    _ transform: @escaping @Sendable (Element) async throws -> Output
  ) -> Pipeline<Output> {
    let (count, note) = width.checked()
    let stage = ConcurrentStage(
      executors: Array(repeating: nil, count: count), order: order, readAhead: readAhead, resources: .none,
      work: ElementWork(retry: retry, clock: clock, limited(transform, to: timeout, clock)))
    return concurrent("mapAsync", stage, order, note)
  }

  /// Transforms elements concurrently, by one task on each of `executors`, each with a resource of its own: a buffer, a
  /// connection.
  ///
  /// - *emits* one element for each that comes, in the order that `order` says. Workers that share an executor pass
  ///   elements on together; an element that order lets leave waits some 10 ms for others at most, and 80 ms if those
  ///   before it came fast
  /// - *suspends* the stage before it while each task is at work and a bounded number of elements waits
  /// - *finishes* when the last element is transformed
  /// - *on cancel* the tasks are cancelled, and waited for
  /// - *on failure* of `transform`: as the pipeline's policy says
  ///
  /// - Parameters:
  ///   - executors: where the tasks run. An executor that is listed several times gets as many tasks: the first few at
  ///     once and the others when there is work for them, or, in an order by keys, all at once.
  ///   - order: of what comes out.
  ///   - startingKey: with the input's order, elements are started in ascending order of this key, a quarter of the
  ///     window at a time: by their position on a disk, say. The output keeps the input's order. Elements of a source
  ///     that gives them one by one, as an asynchronous sequence does, cannot be sorted.
  ///   - open: makes a task's resource, on that task, which alone uses it; called before the first element is
  ///     transformed.
  @inlinable
  public func mapAsync<Resource, Output: Sendable>(
    on executors: [any TaskExecutor], order: OutputOrder<Element> = .input,
    startingKey: (@Sendable (Element) -> UInt64)? = nil, open: @escaping @Sendable () -> Resource,
    _ transform: @escaping @Sendable (Resource, Element) async throws -> Output
  ) -> Pipeline<Output> {
    precondition(!executors.isEmpty, "a concurrent stage has at least one worker")
    let stage = ConcurrentStage(
      executors: executors, order: order, startingKey: startingKey,
      resources: WorkerResources(open: { open() }, close: { _ in }), work: ElementWork(transform))
    return concurrent("mapAsync", stage, order)
  }

  /// Transforms elements concurrently, by `width` tasks, each of which has a resource for itself: a connection, a
  /// decoder.
  ///
  /// - *emits* one element for each that comes, in the order that `order` says, each as soon as the order lets it
  /// - *suspends* the stage before it while `width` elements are at work and `readAhead` wait; in the input's order
  ///   also while its window is full
  /// - *finishes* when the last element is transformed and all resources are closed
  /// - *on cancel* the tasks are cancelled, close their resources, and are waited for
  /// - *on failure* of `transform`: the element is retried as `retry` says, with the same resource, and then treated
  ///   as the pipeline's policy says. If `open` throws, the run ends, whatever the policy
  ///
  /// - Parameters:
  ///   - width: how many tasks and resources there are; at least 1, or `.automatic`.
  ///   - readAhead: as for ``mapAsync(width:readAhead:order:timeout:retry:clock:_:)``.
  ///   - order: of what comes out.
  ///   - retry: which failures are retried.
  ///   - clock: that measures the waits between attempts.
  ///   - open: makes a task's resource, on that task, which alone uses it; called when the task begins, whether or not
  ///     it gets an element.
  ///   - close: called once for each resource that was opened, however the run ends, on the same task. The task is
  ///     cancelled if the run is; `close` must complete nevertheless.
  ///   - transform: called with the task's resource and an element.
  @inlinable
  public func mapWithResource<Resource, Output: Sendable>(
    width: some StageWidth, readAhead: Int? = nil, order: OutputOrder<Element> = .input, retry: Retry = .never,
    clock: any Clock<Duration> = ContinuousClock(), open: @escaping @Sendable () async throws -> Resource,
    close: @escaping @Sendable (Resource) async -> Void,
    _ transform: @escaping @Sendable (Resource, Element) async throws -> Output
  ) -> Pipeline<Output> {
    let (count, note) = width.checked()
    let stage = ConcurrentStage(
      executors: Array(repeating: nil, count: count), order: order, readAhead: readAhead,
      resources: WorkerResources(open: open, close: close),
      work: ElementWork(retry: retry, clock: clock, transform))
    return concurrent("mapWithResource", stage, order, note)
  }

  @inlinable
  func concurrent<Resource, Output: Sendable>(
    _ name: String, _ stage: ConcurrentStage<Element, Output, Resource>, _ order: OutputOrder<Element>,
    _ note: String? = nil
  ) -> Pipeline<Output> {
    if case .perKey(let key) = order.kind { return keyed(name, stage, key, note) }
    return erased.stage(name) { instance, makeEmitter in
      if let note { instance.counters.note(note) }
      try await stage.run(instance, makeEmitter)
    }
  }

  @inlinable
  func keyed<Resource, Output: Sendable>(
    _ name: String, _ stage: ConcurrentStage<Element, Output, Resource>, _ key: some KeyFunction<Element>,
    _ note: String?
  ) -> Pipeline<Output> {
    let key = key.key
    return erased.stage(name) { instance, makeEmitter in
      if let note { instance.counters.note(note) }
      try await KeyedStage(stage.fitted(behind: instance.upstream.bound), key: key).run(instance, makeEmitter)
    }
  }

  /// The closure with a time limit, if there is one, for workers without a resource.
  @inlinable
  func limited<Output: Sendable>(
    _ transform: @escaping @Sendable (Element) async throws -> Output, to limit: Duration?, _ clock: any Clock<Duration>
  ) -> ElementWork<Element, Output, Void>.Transform {
    guard let limit else { return { _, element in try await transform(element) } }
    precondition(limit > .zero, "an element needs some time")
    return { _, element in try await withTimeLimit(limit, clock) { try await transform(element) } }
  }
}
