import AsyncPipeline
import FileEngines

/// What a worker has made of an entry, on its way to ``DirectoryEnding``.
struct CopyStep<Output: Sendable>: Sendable {
  let result: FileResult<CopiedFile<Output>>
  /// The name below the target's root; nil if it has none.
  let name: [UInt8]?
  /// A directory that is there, and has not got its attributes.
  var directory: OpenDirectory?

  struct OpenDirectory: Sendable {
    /// Nil if it is not there, in a dry run.
    let target: TargetDirectory?
    let attributes: FileAttributes
    let isDryRun: Bool
    /// Whether something in it was given its name, which changes its times.
    var gainsNames = false
  }
}

/// Gives directories their attributes when everything in them is written, the deepest first: whatever is made in a
/// directory changes its times, and nothing may be made in one that its permissions protect.
///
/// It gets the results in the order of the walk, so that all that is in a directory comes behind it, and nothing else
/// in between. It holds the directories from the root down to the present one, and the result of each until then.
struct DirectoryEnding<Output: Sendable>: Stage {
  typealias Input = CopyStep<Output>
  typealias Context = StageContext<FileResult<CopiedFile<Output>>>

  private var open: [(step: CopyStep<Output>, directory: CopyStep<Output>.OpenDirectory)] = []

  let name = "directories"

  mutating func process(_ step: CopyStep<Output>, in context: Context) async throws {
    // That not all of a directory could be listed comes behind it, and before what was found in it.
    let isOfLast = step.result.failure != nil && step.name == open.last?.step.name
    if let name = step.name, !isOfLast { try await end(until: name, in: context) }
    if case .success(let copied) = step.result.outcome, copied.isNamed(by: step), !open.isEmpty {
      open[open.count - 1].directory.gainsNames = true
    }
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
    _ result: FileResult<CopiedFile<Output>>, _ directory: CopyStep<Output>.OpenDirectory
  ) async throws -> FileResult<CopiedFile<Output>> {
    guard case .success(let copied) = result.outcome else { return result }
    do throws(FileError) {
      let action = try await action(result.file, directory)
      let ended = CopiedFile<Output>(
        target: copied.target, kind: .directory, action: action, byteCount: 0, output: nil)
      return FileResult(result.file, .success(ended))
    } catch {
      if error.isCancellation { throw CancellationError() }
      return FileResult(result.file, .failure(error))
    }
  }

  /// Sets the attributes, or finds out whether it would.
  private static func action(
    _ entry: FileEntry, _ directory: CopyStep<Output>.OpenDirectory
  ) async throws(FileError) -> CopiedFile<Output>.Action {
    guard let target = directory.target else { return .written }
    let engine = try entry.session.engine(for: entry.reference)
    let attributes = directory.attributes
    let changes = try await engine.visit(target, .attributes) { () throws(FileError) in
      if !directory.isDryRun { return try target.setAttributes(attributes) }
      if directory.gainsNames && attributes.times != nil { return true }
      return try target.wouldChange(by: attributes)
    }
    return target.isNew ? .written : changes ? .updated : .unchanged
  }
}

extension CopiedFile {
  /// Whether it got its name in this run. Of a directory only its absence tells so early.
  fileprivate func isNamed(by step: CopyStep<Output>) -> Bool {
    if let directory = step.directory { return directory.target?.isNew ?? true }
    return action == .written || action == .linked
  }
}
