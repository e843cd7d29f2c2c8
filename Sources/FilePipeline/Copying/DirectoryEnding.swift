import AsyncPipeline
import FileEngines

/// What a worker has made of an entry, on its way to ``DirectoryEnding``. It is an object since it goes through several
/// queues, and copying it as a value would count ten references each time.
final class CopyStep: Sendable {
  let result: FileResult<CopiedFile<any Sendable>>
  /// The name below the target's root; nil if it has none.
  let name: [UInt8]?
  /// A directory that is there, and has not got its attributes.
  let directory: OpenDirectory?

  init(_ result: FileResult<CopiedFile<any Sendable>>, name: [UInt8]?, directory: OpenDirectory?) {
    (self.result, self.name, self.directory) = (result, name, directory)
  }

  struct OpenDirectory: Sendable {
    let target: TargetDirectory
    let attributes: FileAttributes
  }
}

/// Gives directories their attributes when everything in them is written, the deepest first: whatever is made in a
/// directory changes its times, and nothing may be made in one that its permissions protect.
///
/// It gets the results in the order of the walk, so that all that is in a directory comes behind it, and nothing else
/// in between. It holds the directories from the root down to the present one, and the result of each until then.
struct DirectoryEnding: Stage {
  typealias Input = CopyStep
  typealias Context = StageContext<FileResult<CopiedFile<any Sendable>>>

  private var open: [(step: CopyStep, directory: CopyStep.OpenDirectory)] = []

  let name = "directories"

  mutating func process(_ step: CopyStep, in context: Context) async throws {
    // That not all of a directory could be listed comes behind it, and before what was found in it.
    let isOfLast = step.result.failure != nil && step.name == open.last?.step.name
    if let name = step.name, !isOfLast { try await end(until: name, in: context) }
    if let directory = step.directory {
      open.append((step, directory))
      context.keep()
    } else {
      try await context.emit(step.result)
    }
  }

  mutating func finish(in context: Context) async throws {
    try await end(until: nil, in: context)
  }

  /// Ends those that an entry is not in; all if there is none.
  private mutating func end(until name: [UInt8]?, in context: Context) async throws {
    while let (step, directory) = open.last {
      if let name, Self.contains(step.name ?? [], name) { return }
      open.removeLast()
      try await context.emit(await Self.end(step.result, directory))
    }
  }

  private static func contains(_ directory: [UInt8], _ name: [UInt8]) -> Bool {
    if directory.isEmpty { return !name.isEmpty }
    return name.count > directory.count && name[directory.count] == UInt8(ascii: "/") && name.starts(with: directory)
  }

  private static func end(
    _ result: FileResult<CopiedFile<any Sendable>>, _ directory: CopyStep.OpenDirectory
  ) async throws -> FileResult<CopiedFile<any Sendable>> {
    guard case .success(let copied) = result.outcome else { return result }
    do throws(FileError) {
      let engine = try result.file.session.engine(for: result.file.reference)
      let changes = try await engine.visit(directory.target, .attributes) { () throws(FileError) in
        try directory.target.setAttributes(directory.attributes)
      }
      let action: CopyAction = directory.target.isNew ? .written : changes ? .updated : .unchanged
      let ended = CopiedFile<any Sendable>(
        root: copied.root, name: copied.name, kind: .directory, action: action, byteCount: 0, output: nil)
      return FileResult(result.file, .success(ended))
    } catch {
      if error.isCancellation { throw CancellationError() }
      return FileResult(result.file, .failure(error))
    }
  }
}
