import IOUring
import SystemPackage

// Writing, by the calls of BlockingCalls on the helper threads.
extension UringEngine: BlockingCalls {
  public func blocking<R: Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if helpers.isCurrent { return try body() }
    do throws(Errno) { try helpers.start() } catch { throw FileError(file, operation, .system(error)) }
    return try await withTaskExecutorPreference(helpers) { () async throws(FileError) in try await onHelper(body) }
  }

  /// What is called with a preference runs where the preference says; a closure with a preference need not.
  @concurrent private func onHelper<R: Sendable>(_ body: () throws(FileError) -> R) async throws(FileError) -> R {
    try body()
  }
}
