import FileEngines

extension FileWorker {
  /// With a reducer whose type is not known.
  fileprivate func reduce<Reducer: ByteReducer>(
    _ entry: FileEntry, by made: Reducer
  ) async throws(FileError) -> (any Sendable, Int64) {
    var reducer = made
    return try await reduce(entry, by: &reducer)
  }
}

extension CopyWorker {
  /// Reads a file that was left as it is for the reducer, if that is wanted. What was written has been read.
  func readingUnchanged(
    _ entry: FileEntry, _ result: (copied: Copied, count: Int64)
  ) async throws(FileError) -> (Copied, Int64) {
    guard options.readsUnchanged, !options.isDryRun, let make, result.copied.action != .written else { return result }
    var (copied, plain) = (result.copied, entry)
    plain.recipe = nil
    let (output, count) = try await reading.reduce(plain, by: make())
    copied.output = output
    return (copied, count)
  }
}
