import FileEngines

/// What a worker has written, with a file that need not have its name yet.
@usableFromInline
struct WriteStep: PublishableStep {
  @usableFromInline let result: FileResult<WrittenFile>
  @usableFromInline let unpublished: UnpublishedFile?

  init(_ result: FileResult<WrittenFile>, _ unpublished: UnpublishedFile?) {
    (self.result, self.unpublished) = (result, unpublished)
  }

  @usableFromInline
  func published() async throws -> FileResult<WrittenFile> {
    guard let unpublished, case .success(let written) = result.outcome else { return result }
    return try await FileResult(result.file, byteCount: result.byteCount) { () async throws(FileError) in
      try await unpublished.publish()
      return written
    }
  }
}
