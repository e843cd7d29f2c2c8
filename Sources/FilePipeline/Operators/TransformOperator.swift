import AsyncPipeline
import Synchronization

extension PipelineProtocol where Element == FileEntry {
  /// Adds a byte stage that each file's bytes go through, after the stages before it. A stage is made for each file.
  ///
  /// - *emits* the same entries, in their order
  /// - *suspends* never; the stage runs in the later operator that reads the bytes
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* an error of the stage is a failure of the file that is read
  @inlinable
  public func transform<Stage: ByteStage>(
    _ make: @escaping @Sendable () -> Stage
  ) -> FusedPipeline<StepChain<Steps, MapStep<FileEntry, FileEntry>>> {
    let recipe = ByteRecipe(make)
    return map { $0.transformed(by: recipe) }
  }
}

/// The byte stages of files, from the first to the last.
@usableFromInline
final class ByteRecipe: Sendable {
  let stages: [@Sendable () -> any ByteStage]
  /// The last result of ``following(_:)``.
  private let combined = Mutex<(earlier: ByteRecipe, both: ByteRecipe)?>(nil)

  private init(_ stages: [@Sendable () -> any ByteStage]) {
    self.stages = stages
  }

  @usableFromInline
  convenience init(_ stage: @escaping @Sendable () -> any ByteStage) {
    self.init([stage])
  }

  /// The stages of an earlier recipe and then these. Entries with the same stages share one value, by which a worker
  /// recognises that it can reuse the stages' buffers.
  func following(_ earlier: ByteRecipe) -> ByteRecipe {
    combined.withLock { combined in
      if let combined, combined.earlier === earlier { return combined.both }
      let both = ByteRecipe(earlier.stages + stages)
      combined = (earlier, both)
      return both
    }
  }
}

extension FileEntry {
  /// The same file with further stages.
  @usableFromInline
  func transformed(by next: ByteRecipe) -> FileEntry {
    var entry = self
    entry.recipe = recipe.map { next.following($0) } ?? next
    return entry
  }
}
