import AsyncPipeline
import Synchronization

extension PipelineProtocol where Element == FileEntry {
  /// Has each file's bytes read through a stage, which is made anew for each file. Further stages follow it.
  ///
  /// - *emits* the same entries, in their order
  /// - *suspends* never; the stage runs where the bytes are read: in the operator behind it that reads them
  /// - *finishes* with its input
  /// - *on cancel* nothing of its own
  /// - *on failure* what the stage throws is the failure of the file that is read
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
  /// What ``following(_:)`` has given last.
  private let combined = Mutex<(earlier: ByteRecipe, both: ByteRecipe)?>(nil)

  private init(_ stages: [@Sendable () -> any ByteStage]) {
    self.stages = stages
  }

  @usableFromInline
  convenience init(_ stage: @escaping @Sendable () -> any ByteStage) {
    self.init([stage])
  }

  /// The stages of an earlier recipe and then these. One value for all entries that have the same: whoever works on one
  /// after another uses the stages' buffers again.
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
  /// The same file, its bytes read through further stages.
  @usableFromInline
  func transformed(by next: ByteRecipe) -> FileEntry {
    var entry = self
    entry.recipe = recipe.map { next.following($0) } ?? next
    return entry
  }
}
