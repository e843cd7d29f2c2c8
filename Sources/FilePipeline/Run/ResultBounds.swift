/// How many results of files are in memory at once.
@usableFromInline
struct ResultBounds: Equatable {
  /// Between the source and the sink's queue.
  @usableFromInline let window: Int
  /// In the sink's queue; nil for what a queue of such results has where nobody has said it.
  @usableFromInline let buffered: Int?

  /// What the results of a window may take, in bytes, as far as their type tells. A guess: some megabytes are little
  /// beside the buffers of the files that are read at a time.
  @inlinable static var plainBytes: Int { 4 << 20 }

  /// Whether an output is trivial is all that its type tells of what it holds. Any other may hold a megabyte: there are
  /// two for each worker then, one that it is at and one that waits.
  @inlinable
  init<Result, Output>(of result: Result.Type, _ output: Output.Type, workers: Int) {
    let fewest = min(FilePipeline.window, workers * 2)
    guard _isPOD(output) else {
      (window, buffered) = (fewest, nil)
      return
    }
    let fitting = Self.plainBytes / MemoryLayout<Result>.stride
    window = max(fewest, min(FilePipeline.window, fitting))
    buffered = max(1, min(FilePipeline.resultBuffer, fitting))
  }
}
