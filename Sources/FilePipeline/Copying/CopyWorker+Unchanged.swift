import FileEngines

extension CopyWorker {
  /// Reads a file that was left as it is for the reducer, if that is wanted. What was written has been read.
  func readingUnchanged(
    _ entry: FileEntry, _ result: (copied: Copied, count: Int64)
  ) async throws(FileError) -> (Copied, Int64) {
    guard options.readsUnchanged, !options.isDryRun, let make, result.copied.action != .written else { return result }
    var (copied, plain, reducer) = (result.copied, entry, make())
    plain.recipe = nil
    let (output, count) = try await reading.reduce(plain, by: &reducer)
    copied.output = output
    return (copied, count)
  }
}
