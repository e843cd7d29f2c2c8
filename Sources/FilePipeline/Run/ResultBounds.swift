/// How many results of files are in memory at once.
@usableFromInline
enum ResultBounds {
  /// What the results of a window may take, in bytes, as far as their type tells. A guess: some megabytes are little
  /// beside the buffers of the files that are read at a time.
  @inlinable static var plainBytes: Int { 4 << 20 }

  /// What the types of an operator's results, and its caller, say of it.
  @usableFromInline
  struct Choice: Sendable {
    /// Whether an output is trivial is all that its type tells of what it holds. Any other may hold a megabyte.
    @usableFromInline let isPlain: Bool
    /// How many results take ``plainBytes``.
    @usableFromInline let fitting: Int
    /// What the caller has said.
    @usableFromInline let window: Int?

    /// - Parameters:
    ///   - result: what is between entry and exit.
    ///   - output: the part of it that the caller's code makes.
    @inlinable
    init<Result, Output>(of result: Result.Type, _ output: Output.Type, window: Int? = nil) {
      precondition(window ?? 1 > 0, "a window has room for at least one element")
      isPlain = _isPOD(output)
      fitting = ResultBounds.plainBytes / max(1, MemoryLayout<Result>.stride)
      self.window = window
    }

    /// Between the source and the sink's queue: two for each worker where outputs may be large, one that it is at and
    /// one that waits.
    @inlinable
    func window(workers: Int) -> Int {
      if let window { return window }
      let fewest = min(FilePipeline.window, workers * 2)
      return isPlain ? max(fewest, min(FilePipeline.window, fitting)) : fewest
    }

    /// In the queue behind the operator; nil for what a queue of such results has where nothing is said.
    @inlinable var buffered: Int? {
      isPlain ? max(1, min(FilePipeline.resultBuffer, fitting)) : nil
    }
  }
}
