import AsyncPipeline
import FileEngines

extension PipelineProtocol where Element == FileEntry {
  /// Reads each file and reduces its bytes to one value. A reducer is made for each file.
  ///
  /// A file that cannot be read is a result too (``FileResult/failure``), and the run continues. To apply the
  /// pipeline's policy to failures, read ``FileResult/value`` in a later operator.
  ///
  /// - *emits* one result for each entry, in the order that `order` says
  /// - *suspends* the preceding stage while the engine's number of files is being read, or ``FilePipeline/window`` are
  ///   between entry and exit. Outputs with references may be large: then the limit is two for each file that is read
  ///   at a time
  /// - *finishes* with the last file
  /// - *on cancel* reads are cancelled, and awaited until the kernel no longer uses their buffers
  /// - *on failure* of the engine itself, or if none can be made, the run ends whatever the policy:
  ///   ``FileEngines/FileEngineFailure``, ``FileEngines/FileEngineUnavailable``
  ///
  /// - Parameters:
  ///   - order: of the results.
  ///   - retry: which failures are retried, from the file's first byte and with a new reducer. They are of the type
  ///     ``FileEngines/FileError``.
  ///   - make: makes the reducer.
  @inlinable
  public func reduce<Reducer: ByteReducer>(
    order: FileOrder = .source, retry: Retry = .never, _ make: @escaping @Sendable () -> Reducer
  ) -> Pipeline<FileResult<Reducer.Output>> {
    let bounds = ResultBounds(of: FileResult<Reducer.Output>.self, Reducer.Output.self)
    return reading("reduce", by: .auto, bounds, order: order, startingKey: { $0.reference.inode }) { worker, entry in
      try await worker.result(of: entry, retry) { make() }
    }
  }
}

extension PipelineProtocol {
  /// Reads the file that each element names, reduces its bytes to one value, and emits the element with that result.
  ///
  /// Everything else is as in ``PipelineProtocol/reduce(order:retry:_:)``.
  ///
  /// ```swift
  /// Pipeline(expected)  // names and digests
  ///   .reduceFiles(at: { FileReference(path: $0.name) }) { DigestReducer($0.digest.algorithm) }
  ///   .filter { try $0.file.value != $0.element.digest }
  /// ```
  ///
  /// - Parameters:
  ///   - file: returns the file of an element; called once for each.
  ///   - engine: reads the files.
  ///   - order: of the results.
  ///   - window: the number of elements between entry and exit with the order of the source, at most; positive. By
  ///     default ``FilePipeline/window``, or two for each file that is read at a time where elements or outputs have
  ///     references and so may be large.
  ///   - retry: which failures are retried.
  ///   - make: makes the reducer for an element's file.
  @inlinable
  public func reduceFiles<Reducer: ByteReducer>(
    at file: @escaping @Sendable (Element) -> FileReference, engine: EngineSource = .auto, order: FileOrder = .source,
    window: Int? = nil, retry: Retry = .never, _ make: @escaping @Sendable (Element) -> Reducer
  ) -> Pipeline<(element: Element, file: FileResult<Reducer.Output>)> {
    typealias Output = (element: Element, file: FileResult<Reducer.Output>)
    let bounds = ResultBounds(of: Output.self, (Element, Reducer.Output).self, window: window)
    return reading("reduce", by: engine, bounds, order: order, startingKey: nil) { worker, element in
      let entry = worker.entry(file(element))
      return (element, try await worker.result(of: entry, retry) { make(element) })
    }
  }

  /// A stage with as many workers, which read files, as the engine wants.
  @inlinable
  func reading<Output: Sendable>(
    _ name: String, by engine: EngineSource, _ bounds: ResultBounds, order: FileOrder,
    startingKey: (@Sendable (Element) -> UInt64)?,
    _ transform: @escaping @Sendable (FileWorker, Element) async throws -> Output
  ) -> Pipeline<Output> {
    mapAsync(
      name, sharing: { FileSession(engine) }, outputsWaiting: bounds.buffered,
      setUp: { session in
        let workers = try session.engine.workers
        let window = bounds.window(workers: workers.count)
        return SharedStageSetup(executors: workers, window: order == .source ? window : nil)
      },
      startingKey: startingKey, open: { session, _, meter in FileWorker(session, meter) }, transform)
  }
}
