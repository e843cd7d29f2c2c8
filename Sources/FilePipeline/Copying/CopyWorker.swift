import AsyncPipeline
import FileEngines
import SystemPackage

/// One worker of a stage that copies.
final class CopyWorker {
  /// A copy with the output of any reducer.
  typealias Copied = CopiedFile<any Sendable>

  let reading: FileWorker
  let target: CopyTarget
  /// Nil in a dry run if the target's root does not exist.
  let writer: TargetWriter?
  let make: (@Sendable () -> any ByteReducer)?
  /// What the kernel has refused to set on the present entry's copy.
  private let refusals = AttributeRefusals()
  private var present = Entry()

  /// The state of the present entry, which several attempts share, and what ``DirectoryAttributes`` gets of it.
  private struct Entry {
    /// The name below the target's root, and its destination as of the last attempt.
    var name: [UInt8]?
    var destination: CopyDestination?
    /// A directory that exists, and has not got its attributes.
    var directory: CopyStep.OpenDirectory?
    /// Directories that were opened to their owner for it.
    var opened: [OpenedDirectory] = []
    /// Whether an earlier attempt may have written it.
    var isTriedAgain = false
    /// Whether it was counted among the names of its file.
    var isCounted = false
  }

  init(_ reading: FileWorker, _ target: CopyTarget, _ make: (@Sendable () -> any ByteReducer)?) {
    (self.reading, self.target, self.make) = (reading, target, make)
    writer = target.writing.map { TargetWriter($0) }
  }

  var options: CopyOptions { target.options }

  /// Copies one entry. Throws if the task is cancelled, and if the engine has failed.
  func step(_ entry: FileEntry, _ retry: Retry) async throws -> Publishable<CopyStep> {
    present = Entry()
    writer?.begin(options.durability, retry)
    let result = try await reading.attempt(entry, retry) { () async throws(FileError) in
      let name = try entry.reference.processing { try target.name(of: entry) }
      present.name = name
      return try await copyOpening(entry, to: name)
    }
    let step = CopyStep(result, name: present.name, directory: present.directory, opened: present.opened)
    guard let unpublished = writer?.end(), let destination = present.destination,
      case .success(let copied) = result.outcome
    else {
      return Publishable(step)
    }
    return Publishable(step, unpublished) { [target] in
      let published = try await FileResult(entry, byteCount: result.byteCount) { () async throws(FileError) in
        try await target.publish(unpublished, copied, destination, for: entry.reference)
      }
      return step.with(published)
    }
  }

  /// Copies an entry. If the permissions of a directory prevent that, and the directory is an entry too, opens the
  /// directory to its owner and tries once more; ``DirectoryAttributes`` sets the permissions at the end.
  private func copyOpening(
    _ entry: FileEntry, to name: [UInt8]
  ) async throws(FileError) -> (Copied, Int64) {
    do throws(FileError) {
      return try await copy(entry, to: name)
    } catch {
      let engine = try reading.engine(for: entry.reference)
      let depth = entry.reference.depthBelowRoot
      guard let directories = try await target.openToOwner(name, depth: depth, after: error, engine) else {
        throw error
      }
      present.opened += directories
      return try await copy(entry, to: name)
    }
  }

  /// Returns the number of bytes that were read, too.
  private func copy(_ entry: FileEntry, to name: [UInt8]) async throws(FileError) -> (Copied, Int64) {
    refusals.clear()
    let file = try entry.get()
    let engine = try reading.engine(for: file)
    let status = if let known = entry.status { known } else { try await engine.status(of: file) }
    if isInTarget(file, status) { throw FileError(file, .copy, .excluded) }
    if status.kind == .directory { return (try await copyDirectory(file, status, name, engine), 0) }
    if let writer { present.isTriedAgain = try writer.claim(name, for: file) }
    let destination = try await destination(name, engine)
    present.destination = destination
    try claimExisting(destination, for: file)
    if destination.existing != nil && options.overwriting == .never {
      return (copied(destination, status, .unchanged), 0)
    }
    do throws(FileError) {
      let (made, count) = try await copy(entry, file, status, destination)
      if writer?.unpublished == nil { try await target.claim(made, destination, for: file) }
      return (made, count)
    } catch {
      guard target.keepsExisting(after: error) else { throw error }
      return (copied(destination, status, .unchanged), 0)
    }
  }

  /// Whether an entry is the target itself, or is in it.
  private func isInTarget(_ file: FileReference, _ status: FileStatus) -> Bool {
    guard let writer else { return false }
    return writer.isInTarget(file.directory)
      || status.kind == .directory && FileIdentity(status) == writer.target.tree.root.identity
  }

  // MARK: Destinations

  private func destination(_ path: [UInt8], _ engine: any FileEngine) async throws(FileError) -> CopyDestination {
    let (parent, name) = path.directoryAndName
    let directory = try await target.directory(parent, engine)
    let replaces = options.overwriting != .never
    var destination = CopyDestination(
      engine: engine, directory: directory, path: path, name: name, mayReplace: present.isTriedAgain && replaces)
    if let directory, !directory.isNew {
      destination.existing = try await engine.status(of: name, in: directory)
      if destination.existing != nil { destination.mayReplace = replaces }
    }
    return destination
  }

  /// - Throws: ``FileEngines/FileError/Cause/nameTaken`` if what has the name is another entry's copy.
  private func claimExisting(_ destination: CopyDestination, for file: FileReference) throws(FileError) {
    guard let existing = destination.existing, !options.isDryRun, !present.isTriedAgain else { return }
    if writer?.target.claim(existing) == false { throw FileError(file, .create, .nameTaken) }
  }

  func copied(
    _ destination: CopyDestination, _ status: FileStatus, _ action: CopyAction, byteCount: Int64 = 0,
    _ output: (any Sendable)? = nil
  ) -> Copied {
    target.copied(destination, status.kind, action, byteCount: byteCount, notKept: refusals.kinds, output)
  }

  /// The attributes that a file's copy gets.
  func attributes(
    of file: FileReference, _ status: FileStatus, _ engine: any FileEngine
  ) async throws(FileError) -> FileAttributes {
    var attributes = attributes(status)
    if options.keeps.contains(.extended) {
      attributes.extended = try await engine.extendedAttributes(of: file)
    }
    return attributes
  }

  /// The same without extended attributes.
  func attributes(_ status: FileStatus) -> FileAttributes {
    kept(of: FileAttributes(status))
  }

  /// The attributes of a file as far as they are kept.
  func kept(of attributes: FileAttributes) -> FileAttributes {
    var kept = attributes.keeping(options.keeps)
    kept.refusals = refusals
    return kept
  }

  /// Whether the extended attributes of an existing copy may differ from its source's. They do not if the source's
  /// ctime is before the copy's; equal ctimes may be changes within one clock tick.
  func mayDifferInExtended(_ existing: FileStatus, from status: FileStatus) -> Bool {
    options.keeps.contains(.extended) && status.times.change >= existing.times.change
  }

  // MARK: Kinds

  private func copyDirectory(
    _ file: FileReference, _ status: FileStatus, _ name: [UInt8], _ engine: any FileEngine
  ) async throws(FileError) -> Copied {
    let directory = try await target.directory(name, engine)
    let attributes = try await attributes(of: file, status, engine)
    present.directory = CopyStep.OpenDirectory(
      target: directory, attributes: attributes, isDryRun: options.isDryRun)
    // ``DirectoryAttributes`` replaces it.
    return Copied(CopyFacts(target.root, name, .directory, .written))
  }

  /// Copies an entry that is not a directory. Further names of a copied file become links to its copy.
  private func copy(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination
  ) async throws(FileError) -> (Copied, Int64) {
    guard status.linkCount > 1 else {
      return try await copyContents(entry, file, status, destination)
    }
    let identity = FileIdentity(status)
    let isFirst = !present.isCounted
    present.isCounted = true
    switch await target.links.claim(identity, linkCount: Int(status.linkCount), isFirst: isFirst) {
    case .untracked: return try await copyContents(entry, file, status, destination)
    case .copied(let copy):
      do throws(FileError) {
        return (try await link(status, destination, to: copy), 0)
      } catch {
        guard Self.cannotLink.contains(error.cause) else { throw error }
        return try await copyContents(entry, file, status, destination)
      }
    case .first:
      do throws(FileError) {
        let result = try await copyContents(entry, file, status, destination)
        target.links.settle(identity, as: linkable(destination, result.0))
        return result
      } catch {
        target.links.settle(identity, as: nil)
        throw error
      }
    }
  }

  /// Errors of linkat(2) across file systems, for a file with the maximum number of links, and on a file system without
  /// links. The name becomes a copy of its own then.
  private static var cannotLink: Set<FileError.Cause> {
    [.system(.improperLink), .system(.tooManyLinks), .system(.notPermitted), .system(.notSupportedOnSocket)]
  }

  private func link(
    _ status: FileStatus, _ destination: CopyDestination, to copy: HardLinks.Copy
  ) async throws(FileError) -> Copied {
    guard !options.isDryRun, let directory = destination.directory, let other = copy.directory else {
      return copied(destination, status, try wouldLink(destination, to: copy) ? .linked : .unchanged, copy.output)
    }
    let link = { () throws(FileError) in
      try directory.link(destination.name, to: copy.name, in: other, replaces: destination.mayReplace)
    }
    // The first name may be on a file system that is mounted in the target.
    let isMade =
      other.callsMayWait
      ? try await destination.engine.visit(other, .link, link)
      : try await destination.engine.visitBriefly(directory, .link, link)
    return copied(destination, status, isMade ? .linked : .unchanged, copy.output)
  }

  private func copyContents(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination
  ) async throws(FileError) -> (Copied, Int64) {
    switch status.kind {
    case .regular: return try await readingUnchanged(entry, copyRegular(entry, file, status, destination))
    case .unknown, .directory: throw FileError(file, .copy, .notRegular)
    default: return (try await copySpecial(file, status, destination), 0)
    }
  }
}

extension FileReference {
  /// The number of directories of the walk that it is in, the root included.
  fileprivate var depthBelowRoot: Int {
    isRoot ? 0 : pathBelowRoot.split(separator: UInt8(ascii: "/")).count
  }
}
