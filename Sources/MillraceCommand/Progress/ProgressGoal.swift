import FilePipeline
import Synchronization

/// The total amount of work, as far as the walk has found it.
final class ProgressGoal: Sendable {
  struct Extent: Sendable, Equatable {
    /// Files, directories and links.
    var files = 0
    var bytes: Int64 = 0
    /// Whether the walk has ended.
    var isWhole = false
  }

  private let state = Mutex(Extent())

  var extent: Extent { state.withLock { $0 } }

  /// Adds a stage that counts the entries of a walk, which have their status.
  func counting(_ files: FilePipeline) -> Pipeline<FileEntry> {
    files.through(Counting(goal: self))
  }

  /// Subtracts bytes that turned out not to be read.
  func subtract(_ bytes: Int64) {
    state.withLock { $0.bytes -= bytes }
  }

  private struct Counting: Stage {
    let goal: ProgressGoal
    let name = "found"
    let emitsTogether = true

    mutating func process(_ entry: FileEntry, in context: StageContext<FileEntry>) async throws {
      goal.state.withLock { extent in
        extent.files += 1
        extent.bytes += entry.regularSize
      }
      try await context.emit(entry)
    }

    mutating func finish(in context: StageContext<FileEntry>) async throws {
      goal.state.withLock { $0.isWhole = true }
    }
  }
}

extension FileEntry {
  /// In bytes; 0 for an entry that is not a regular file.
  var regularSize: Int64 {
    guard let status, status.kind == .regular else { return 0 }
    return status.size
  }
}
