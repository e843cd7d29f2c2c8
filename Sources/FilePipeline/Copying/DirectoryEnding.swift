import AsyncPipeline
import FileEngines

/// What a worker has made of an entry, on its way to ``DirectoryEnding``.
struct CopyStep<Output: Sendable>: Sendable {
  let result: FileResult<CopiedFile<Output>>
  /// The name below the target's root; nil if it has none.
  let name: [UInt8]?
  /// A directory that is there, and has not got its attributes.
  var directory: OpenDirectory?
  /// Directories that permissions kept it from, and that were opened to their owner for it.
  var opened: [OpenedDirectory] = []

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
struct DirectoryEnding<Output: Sendable>: Stage {
  typealias Input = CopyStep<Output>
  typealias Context = StageContext<FileResult<CopiedFile<Output>>>

  private var open: [(step: CopyStep<Output>, directory: CopyStep<Output>.OpenDirectory)] = []
  /// Permissions that directories had before they were opened to their owner. Seldom there are any.
  private var former: [FileIdentity: OpenedDirectory] = [:]
  /// Of a file that has such a directory, so that the run can be asked for its engine.
  private var session: FileSession?

  let name = "directories"

  mutating func process(_ step: CopyStep<Output>, in context: Context) async throws {
    if !step.opened.isEmpty { keepPermissions(of: step) }
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
    try await closeOthers()
  }

  // MARK: Directories that were opened to their owner

  private mutating func keepPermissions(of step: CopyStep<Output>) {
    session = step.result.file.session
    for opened in step.opened {
      if let identity = opened.directory.identity { former[identity] = opened }
    }
  }

  /// Those that turned out to be no entries. That one cannot be closed again is a failure of no entry.
  private mutating func closeOthers() async throws {
    guard let engine = try session?.engine else { return }
    for opened in former.values {
      _ = try? await engine.visit(opened.directory, .attributes) { () throws(FileError) in
        try opened.directory.setAttributes(FileAttributes(permissions: opened.permissions))
      }
    }
    former = [:]
  }

  // MARK: Ending

  /// Ends those that an entry is not in; all if there is none.
  private mutating func end(until name: [UInt8]?, in context: Context) async throws {
    while let (step, directory) = open.last {
      if let name, Self.contains(step.name ?? [], name) { return }
      open.removeLast()
      var attributes = directory.attributes
      if let opened = directory.target.identity.flatMap({ former.removeValue(forKey: $0) }) {
        attributes.permissions = attributes.permissions ?? opened.permissions
      }
      try await context.emit(await Self.end(step.result, directory.target, attributes))
    }
  }

  private static func contains(_ directory: [UInt8], _ name: [UInt8]) -> Bool {
    if directory.isEmpty { return !name.isEmpty }
    return name.count > directory.count && name[directory.count] == UInt8(ascii: "/") && name.starts(with: directory)
  }

  private static func end(
    _ result: FileResult<CopiedFile<Output>>, _ directory: TargetDirectory, _ attributes: FileAttributes
  ) async throws -> FileResult<CopiedFile<Output>> {
    guard case .success(let copied) = result.outcome else { return result }
    var attributes = attributes
    let refusals = AttributeRefusals()
    attributes.refusals = refusals
    do throws(FileError) {
      let engine = try result.file.session.engine(for: result.file.reference)
      let changes = try await engine.visit(directory, .attributes) { () throws(FileError) in
        try directory.setAttributes(attributes)
      }
      let action: CopiedFile<Output>.Action = directory.isNew ? .written : changes ? .updated : .unchanged
      let ended = CopiedFile<Output>(
        target: copied.target, kind: .directory, action: action, byteCount: 0, notKept: .init(refusals.kinds),
        output: nil)
      return FileResult(result.file, .success(ended))
    } catch {
      if error.isCancellation { throw CancellationError() }
      return FileResult(result.file, .failure(error))
    }
  }
}
