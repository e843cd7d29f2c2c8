import AsyncPipeline
import FileEngines

/// The result of copying an entry, with what ``DirectoryAttributes`` must know about it. It is an object because it
/// goes through several queues, and copying it as a value would change several reference counts each time.
@usableFromInline
final class CopyStep: FileOutcome {
  let result: FileResult<CopiedFile<any Sendable>>
  /// The name below the target's root; nil if naming the entry has failed.
  let name: [UInt8]?
  /// The directory, which still needs its attributes; nil for other entries.
  let directory: OpenDirectory?
  /// Directories that were opened to their owner for the entry.
  let opened: [OpenedDirectory]

  init(
    _ result: FileResult<CopiedFile<any Sendable>>, name: [UInt8]? = nil, directory: OpenDirectory? = nil,
    opened: [OpenedDirectory] = []
  ) {
    (self.result, self.name, self.directory, self.opened) = (result, name, directory, opened)
  }

  /// The same step with another result.
  func with(_ result: FileResult<CopiedFile<any Sendable>>) -> CopyStep {
    CopyStep(result, name: name, directory: directory, opened: opened)
  }

  /// The result with the type of the reducer's output.
  @usableFromInline
  func result<Output>(as type: Output.Type) -> FileResult<CopiedFile<Output>> {
    FileResult(result.file, result.outcome.map { $0.typed(as: type) }, byteCount: result.byteCount)
  }

  @usableFromInline var failure: FileError? { result.failure }

  struct OpenDirectory: Sendable {
    /// Nil in a dry run if it does not exist.
    let target: TargetDirectory?
    var attributes: FileAttributes
    let isDryRun: Bool
    /// Whether an entry in it has got its name in this run, which changes the directory's times.
    var gainsNames = false
  }
}

/// Sets the attributes of directories when everything in them has been written, the deepest first: making a file in a
/// directory changes the directory's times, and its permissions may forbid it.
///
/// The input is in the order of the walk, so that the entries of a directory follow it without others in between. The
/// stage holds the directories from the root to the present one with their results, and emits a result after those of
/// the directory's entries.
struct DirectoryAttributes: Stage {
  typealias Input = CopyStep
  typealias Context = StageContext<CopyStep>

  private var open: [(step: CopyStep, directory: CopyStep.OpenDirectory)] = []
  /// The former permissions of directories that were opened to their owner. Rarely are there any.
  private var former: [FileIdentity: OpenedDirectory] = [:]
  /// For the engine that restores ``former`` at the end.
  private var session: FileSession?

  let name = "directories"
  let emitsTogether = true

  mutating func process(_ step: CopyStep, in context: Context) async throws {
    if !step.opened.isEmpty { keepPermissions(of: step) }
    // The failure to list all of a directory follows the directory, and precedes the entries that were found.
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

  /// Restores the permissions of directories that are not entries. A failure to do so has no entry to be reported for.
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

  /// Ends the directories that do not contain the entry with this name; all of them if it is nil.
  private mutating func end(until name: [UInt8]?, in context: Context) async throws {
    while let last = open.last {
      let step = last.step
      var directory = last.directory
      if let name, Self.contains(step.name ?? [], name) { return }
      open.removeLast()
      if let opened = directory.target?.identity.flatMap({ former.removeValue(forKey: $0) }) {
        directory.attributes.permissions = directory.attributes.permissions ?? opened.permissions
      }
      // The preceding results need not wait for a server.
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
      let ended = CopyFacts(copied.root, copied.name, .directory, action, notKept: refusals.kinds)
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
    // Its inode is in memory, since it was opened or made. The calls wait only in the rare case that its extended
    // attributes have a block of their own.
    let changes = try await engine.visitBriefly(target, .attributes) { () throws(FileError) in
      if !directory.isDryRun { return try target.setAttributes(directory.attributes) }
      if directory.gainsNames && directory.attributes.times != nil { return true }
      return try target.wouldChange(by: directory.attributes)
    }
    return target.isNew ? .written : changes ? .updated : .unchanged
  }
}

extension CopiedFile {
  /// Whether it got its name in this run. The action of a directory is not known yet.
  fileprivate func isNamed(by step: CopyStep) -> Bool {
    if let directory = step.directory { return directory.target?.isNew ?? true }
    return action == .written || action == .linked
  }
}
