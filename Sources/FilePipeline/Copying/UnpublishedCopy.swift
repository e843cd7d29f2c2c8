import FileEngines

/// A copy that is written, and need not have its name yet.
struct UnpublishedCopy: Sendable {
  let written: UnpublishedFile
  /// The source.
  let file: FileReference
  let place: CopyPlace
  let target: CopyTarget

  /// Returns when the copy has its name, with what has become of it.
  ///
  /// A directory may have got its attributes by then where the run meets it more than once, in two roots or by its
  /// naming: a process that is not root then fails where these forbid it to make a name, and the next run makes it.
  func publish(_ copied: CopyWorker.Copied) async throws(FileError) -> CopyWorker.Copied {
    do throws(FileError) {
      try await written.publish()
    } catch {
      // Something has taken the name since it was looked at.
      guard target.options.overwriting == .never, error.cause == .system(.fileExists) else { throw error }
      return CopyWorker.Copied(CopyFacts(target.root, place.path.bytes, copied.kind, .unchanged))
    }
    try await target.claimMade(copied, place, for: file)
    return copied
  }
}

extension CopyStep: PublishableStep, FileOutcome {
  @usableFromInline var unpublished: UnpublishedFile? { copy?.written }

  @usableFromInline var failure: FileError? { result.failure }

  @usableFromInline
  func published() async throws -> CopyStep {
    guard let copy, case .success(let copied) = result.outcome else { return self }
    let result = try await FileResult(result.file, byteCount: result.byteCount) { () async throws(FileError) in
      try await copy.publish(copied)
    }
    return CopyStep(result, name: name, directory: directory, opened: opened)
  }
}
