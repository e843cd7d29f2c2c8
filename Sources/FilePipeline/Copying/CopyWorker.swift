import AsyncPipeline
import FileEngines
import SystemPackage

/// One task of a stage that copies.
final class CopyWorker {
  /// Whatever the reducers give.
  typealias Copied = CopiedFile<any Sendable>

  let reading: FileWorker
  let target: CopyTarget
  let make: (@Sendable () -> any ByteReducer)?
  /// What the kernel has refused to set on the present entry's copy.
  private let refusals = AttributeRefusals()
  /// The name that the present entry has taken.
  private var taken: [UInt8]?
  private var membership = TargetMembership()
  /// Whether an earlier attempt may have written it.
  private(set) var isTriedAgain = false
  /// Whether the present entry was counted among the names of its file.
  private var isCounted = false
  /// Directories that were opened to their owner for the present entry.
  private var opened: [OpenedDirectory] = []
  /// Whether the present entry's copy may get its name behind the worker: not if that is to be tried again.
  private(set) var publishesLater = false
  /// The present entry's copy, if it has not got its name.
  var unpublished: UnpublishedCopy?

  init(_ reading: FileWorker, _ target: CopyTarget, _ make: (@Sendable () -> any ByteReducer)?) {
    (self.reading, self.target, self.make) = (reading, target, make)
  }

  var options: CopyOptions { target.options }

  /// Throws if the task is cancelled, and if the engine has failed.
  func step(_ entry: FileEntry, _ retry: Retry) async throws -> CopyStep {
    (taken, isTriedAgain, isCounted, opened, unpublished) = (nil, false, false, [], nil)
    publishesLater = options.durability == .batch && retry.isNever
    var name: [UInt8]?
    var directory: CopyStep.OpenDirectory?
    let result = try await reading.attempt(entry, retry) { () async throws(FileError) in
      let named = try entry.reference.processing { try target.name(of: entry) }
      name = named
      let (copied, count, made) = try await copyOpening(entry, to: named)
      directory = made
      return (copied, count)
    }
    defer { unpublished = nil }
    return CopyStep(result, name: name, directory: directory, opened: opened, copy: unpublished)
  }

  /// Copies, and once more if permissions have kept it from a directory that is an entry too and gets its own at the
  /// end.
  private func copyOpening(
    _ entry: FileEntry, to name: [UInt8]
  ) async throws(FileError) -> (Copied, Int64, CopyStep.OpenDirectory?) {
    do throws(FileError) {
      return try await copy(entry, to: name)
    } catch {
      let engine = try reading.engine(for: entry.reference)
      let depth = entry.reference.depthBelowRoot
      guard let directories = try await target.openToOwner(name, depth: depth, after: error, engine) else {
        throw error
      }
      opened += directories
      return try await copy(entry, to: name)
    }
  }

  /// Returns how many bytes were read, too; and for a directory what is still to be done.
  private func copy(
    _ entry: FileEntry, to name: [UInt8]
  ) async throws(FileError) -> (Copied, Int64, CopyStep.OpenDirectory?) {
    refusals.clear()
    let file = try entry.get()
    let engine = try reading.engine(for: file)
    let status = if let known = entry.status { known } else { try await engine.status(of: file) }
    if target.contains(file, status, &membership) { throw FileError(file, .copy, .excluded) }
    if status.kind == .directory { return try await copyDirectory(file, status, name, engine) }
    try take(name, for: file)
    let place = try await place(name, engine)
    try claimExisting(place, for: file)
    if place.existing != nil && options.overwriting == .never { return (copied(place, status, .unchanged), 0, nil) }
    do throws(FileError) {
      let (made, count) = try await copy(entry, file, status, place)
      if unpublished == nil { try await target.claimMade(made, place, for: file) }
      return (made, count, nil)
    } catch {
      // Something has taken the name since it was looked at.
      guard options.overwriting == .never, error.cause == .system(.fileExists) else { throw error }
      return (copied(place, status, .unchanged), 0, nil)
    }
  }

  // MARK: Places

  /// Once for all attempts.
  private func take(_ name: [UInt8], for file: FileReference) throws(FileError) {
    isTriedAgain = taken == name
    if isTriedAgain { return }
    if !target.take(name) { throw FileError(file, .create, .nameTaken) }
    taken = name
  }

  private func place(_ name: [UInt8], _ engine: any FileEngine) async throws(FileError) -> CopyPlace {
    let name = TargetName(name)
    let directory = try await target.directory(name.directory, engine)
    var place = CopyPlace(
      engine: engine, directory: directory, path: name, mayReplace: isTriedAgain && options.overwriting != .never)
    if let directory, !directory.isNew {
      place.existing = try await engine.status(of: name.last, in: directory)
      if place.existing != nil { place.mayReplace = options.overwriting != .never }
    }
    return place
  }

  func copied(
    _ place: CopyPlace, _ status: FileStatus, _ action: CopyAction, byteCount: Int64 = 0,
    _ output: (any Sendable)? = nil
  ) -> Copied {
    Copied(
      CopyFacts(
        target.root, place.path.bytes, status.kind, action, byteCount: byteCount, notKept: .init(refusals.kinds)),
      output)
  }

  /// What a file's copy is to have.
  func attributes(
    of file: FileReference, _ status: FileStatus, _ engine: any FileEngine
  ) async throws(FileError) -> FileAttributes {
    var attributes = attributes(status)
    if options.keeps.contains(.extendedAttributes) {
      attributes.extended = try await engine.extendedAttributes(of: file)
    }
    return attributes
  }

  /// Without the extended ones.
  func attributes(_ status: FileStatus) -> FileAttributes {
    kept(of: FileAttributes(status))
  }

  /// What a copy keeps of a file's attributes.
  func kept(of attributes: FileAttributes) -> FileAttributes {
    var kept = attributes.keeping(options.keeps)
    kept.refusals = refusals
    return kept
  }

  /// Whether extended attributes of an existing copy may be others than its source's: not if nothing of the source has
  /// changed since something of the copy did. What was changed in the same tick of the clock is looked at.
  func mayDifferInExtended(_ existing: FileStatus, from status: FileStatus) -> Bool {
    options.keeps.contains(.extendedAttributes) && status.times.change >= existing.times.change
  }

  // MARK: Kinds

  private func copyDirectory(
    _ file: FileReference, _ status: FileStatus, _ name: [UInt8], _ engine: any FileEngine
  ) async throws(FileError) -> (Copied, Int64, CopyStep.OpenDirectory?) {
    let directory = try await target.directory(name, engine)
    // What became of it is told by the ending.
    let made = Copied(CopyFacts(target.root, name, .directory, .written))
    let attributes = try await attributes(of: file, status, engine)
    return (made, 0, CopyStep.OpenDirectory(target: directory, attributes: attributes, isDryRun: options.isDryRun))
  }

  /// All but directories. Further names of a file that was copied become links to it.
  private func copy(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> (Copied, Int64) {
    guard options.keeps.contains(.hardLinks), status.linkCount > 1 else {
      return try await copyContents(entry, file, status, place)
    }
    let identity = FileIdentity(status)
    let isFirst = !isCounted
    isCounted = true
    switch await target.links.claim(identity, linkCount: Int(status.linkCount), isFirst: isFirst) {
    case .untracked: return try await copyContents(entry, file, status, place)
    case .copied(let copy):
      do throws(FileError) {
        return (try await link(status, place, to: copy), 0)
      } catch {
        guard Self.cannotLink.contains(error.cause) else { throw error }
        return try await copyContents(entry, file, status, place)
      }
    case .first:
      do throws(FileError) {
        let result = try await copyContents(entry, file, status, place)
        target.links.settle(identity, as: linkable(place, result.0))
        return result
      } catch {
        target.links.settle(identity, as: nil)
        throw error
      }
    }
  }

  /// What linkat(2) says where there is another file system, where a file has all the names that it can have, and where
  /// files have but one: the copy is one of its own then.
  private static var cannotLink: Set<FileError.Cause> {
    [.system(.improperLink), .system(.tooManyLinks), .system(.notPermitted), .system(.notSupportedOnSocket)]
  }

  private func link(
    _ status: FileStatus, _ place: CopyPlace, to copy: HardLinks.Copy
  ) async throws(FileError) -> Copied {
    guard !options.isDryRun, let directory = place.directory, let other = copy.directory else {
      return copied(place, status, try wouldLink(place, to: copy) ? .linked : .unchanged, copy.output)
    }
    let link = { () throws(FileError) in
      try directory.link(place.name, to: copy.name, in: other, replaces: place.mayReplace)
    }
    // Its first name may be on a file system that is mounted in the target.
    let isMade =
      other.callsMayWait
      ? try await place.engine.visit(other, .link, link) : try await place.engine.visitBriefly(directory, .link, link)
    return copied(place, status, isMade ? .linked : .unchanged, copy.output)
  }

  private func copyContents(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> (Copied, Int64) {
    switch status.kind {
    case .regular: return try await readingUnchanged(entry, copyRegular(entry, file, status, place))
    case .unknown, .directory: throw FileError(file, .copy, .notRegular)
    default: return (try await copySpecial(file, status, place), 0)
    }
  }
}

extension FileReference {
  /// How many directories of the walk it is in, its root among them.
  fileprivate var depthBelowRoot: Int {
    isRoot ? 0 : pathBelowRoot.split(separator: UInt8(ascii: "/")).count
  }
}
