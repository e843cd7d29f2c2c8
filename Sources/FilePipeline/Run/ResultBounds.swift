/// How many results of an operator on files are in memory at once, by what their types and the caller say.
@usableFromInline
struct ResultBounds: Sendable {
  /// What the results of a window may take, in bytes, as far as their type tells. A guess: some megabytes are little
  /// beside the buffers of the files that are read at a time.
  @inlinable static var plainBytes: Int { 4 << 20 }

  /// Whether an output is trivial, which is all that its type tells of its size. Any other may refer to a megabyte.
  @usableFromInline let isPlain: Bool
  /// How many results take ``plainBytes``.
  @usableFromInline let fitting: Int
  /// The caller's choice.
  @usableFromInline let window: Int?

  /// - Parameters:
  ///   - result: what is between entry and exit.
  ///   - output: the part of it that the caller's code makes.
  @inlinable
  init<Result, Output>(of result: Result.Type, _ output: Output.Type, window: Int? = nil) {
    precondition(window ?? 1 > 0, "a window has room for at least one element")
    isPlain = _isPOD(output)
    fitting = Self.plainBytes / max(1, MemoryLayout<Result>.stride)
    self.window = window
  }

  /// Of the window between the source and the queue behind the operator: two for each worker where outputs may be
  /// large, one at work and one that waits.
  @inlinable
  func window(workers: Int) -> Int {
    if let window { return window }
    let fewest = min(FilePipeline.window, workers * 2)
    return isPlain ? max(fewest, min(FilePipeline.window, fitting)) : fewest
  }

  /// Of the queue behind the operator; nil for the default of a queue of such results.
  @inlinable var buffered: Int? {
    isPlain ? max(1, min(FilePipeline.resultBuffer, fitting)) : nil
  }
}
