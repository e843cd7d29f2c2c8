import AsyncPipeline
import FileEngines

/// What a worker has made of an entry, on its way through ``DirectoryEnding``. It is an object since it goes through
/// several queues, and copying it as a value would count its references each time.
@usableFromInline
final class CopyStep: Sendable {
  let result: FileResult<CopiedFile<any Sendable>>
  /// The name below the target's root; nil if it has none.
  let name: [UInt8]?
  /// A directory that is there, and has not got its attributes.
  let directory: OpenDirectory?
  /// Directories that permissions kept it from, and that were opened to their owner for it.
  let opened: [OpenedDirectory]
  /// A file that need not have its name yet.
  let copy: UnpublishedCopy?

  init(
    _ result: FileResult<CopiedFile<any Sendable>>, name: [UInt8]? = nil, directory: OpenDirectory? = nil,
    opened: [OpenedDirectory] = [], copy: UnpublishedCopy? = nil
  ) {
    (self.result, self.name, self.directory, self.opened, self.copy) = (result, name, directory, opened, copy)
  }

  /// With the type that the reducers' outputs have.
  @usableFromInline
  func result<Output>(as type: Output.Type) -> FileResult<CopiedFile<Output>> {
    FileResult(result.file, result.outcome.map { $0.typed(as: type) }, byteCount: result.byteCount)
  }

  struct OpenDirectory: Sendable {
    /// Nil if it is not there, in a dry run.
    let target: TargetDirectory?
    var attributes: FileAttributes
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
struct DirectoryEnding: Stage {
  typealias Input = CopyStep
  typealias Context = StageContext<CopyStep>

  private var open: [(step: CopyStep, directory: CopyStep.OpenDirectory)] = []
  /// Permissions that directories had before they were opened to their owner. Seldom there are any.
  private var former: [FileIdentity: OpenedDirectory] = [:]
  /// Of a file that has such a directory, so that the run can be asked for its engine.
  private var session: FileSession?

  let name = "directories"
  let emitsTogether = true

  mutating func process(_ step: CopyStep, in context: Context) async throws {
    if !step.opened.isEmpty { keepPermissions(of: step) }
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
      try await context.emit(step)
    }
  }

  mutating func finish(in context: Context) async throws {
    try await end(until: nil, in: context)
    if former.isEmpty { return }
    try await context.flush()
    try await closeOthers()
  }

  // MARK: Directories that were opened to their owner

  private mutating func keepPermissions(of step: CopyStep) {
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
    while let last = open.last {
      let step = last.step
      var directory = last.directory
      if let name, Self.contains(step.name ?? [], name) { return }
      open.removeLast()
      if let opened = directory.target?.identity.flatMap({ former.removeValue(forKey: $0) }) {
        directory.attributes.permissions = directory.attributes.permissions ?? opened.permissions
      }
      // The results before it need not wait for a server.
      if directory.target?.callsMayWait == true { try await context.flush() }
      try await context.emit(await Self.end(step, directory))
    }
  }

  private static func contains(_ directory: [UInt8], _ name: [UInt8]) -> Bool {
    if directory.isEmpty { return !name.isEmpty }
    return name.count > directory.count && name[directory.count] == UInt8(ascii: "/") && name.starts(with: directory)
  }

  private static func end(
    _ step: CopyStep, _ directory: CopyStep.OpenDirectory
  ) async throws -> CopyStep {
    guard case .success(let copied) = step.result.outcome else { return step }
    var directory = directory
    let refusals = AttributeRefusals()
    directory.attributes.refusals = refusals
    do throws(FileError) {
      let action = try await action(step.result.file, directory)
      let ended = CopyFacts(copied.root, copied.name, .directory, action, notKept: .init(refusals.kinds))
      return CopyStep(FileResult(step.result.file, .success(CopiedFile(ended))))
    } catch {
      if error.isCancellation { throw CancellationError() }
      return CopyStep(FileResult(step.result.file, .failure(error)))
    }
  }

  /// Sets the attributes, or finds out whether it would.
  private static func action(
    _ entry: FileEntry, _ directory: CopyStep.OpenDirectory
  ) async throws(FileError) -> CopyAction {
    guard let target = directory.target else { return .written }
    let engine = try entry.session.engine(for: entry.reference)
    // Its inode is in memory, since it was opened or made; seldom it has a block of its own for extended attributes,
    // which the loop then waits for.
    let changes = try await engine.visitBriefly(target, .attributes) { () throws(FileError) in
      if !directory.isDryRun { return try target.setAttributes(directory.attributes) }
      if directory.gainsNames && directory.attributes.times != nil { return true }
      return try target.wouldChange(by: directory.attributes)
    }
    return target.isNew ? .written : changes ? .updated : .unchanged
  }
}

extension CopiedFile {
  /// Whether it got its name in this run. Of a directory only its absence tells so early.
  fileprivate func isNamed(by step: CopyStep) -> Bool {
    if let directory = step.directory { return directory.target?.isNew ?? true }
    return action == .written || action == .linked
  }
}
