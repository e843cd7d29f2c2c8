import AsyncPipeline
import FileEngines
import SystemPackage

/// One task of a stage that copies.
final class CopyWorker<Reducer: ByteReducer> {
  typealias Copied = CopiedFile<Reducer.Output>
  typealias Step = CopyStep<Reducer.Output>

  let reading: FileWorker
  let target: CopyTarget
  let make: (@Sendable () -> Reducer)?
  /// The name that the present entry has taken.
  private var taken: [UInt8]?
  /// Whether an earlier attempt may have written it.
  private(set) var isTriedAgain = false

  init(_ reading: FileWorker, _ target: CopyTarget, _ make: (@Sendable () -> Reducer)?) {
    (self.reading, self.target, self.make) = (reading, target, make)
  }

  var options: CopyOptions { target.options }

  /// Throws if the task is cancelled, and if the engine has failed.
  func step(_ entry: FileEntry, _ retry: Retry) async throws -> Step {
    (taken, isTriedAgain) = (nil, false)
    var name: [UInt8]?
    var directory: Step.OpenDirectory?
    let result = try await reading.attempt(entry, retry) { () async throws(FileError) in
      let named = try entry.reference.processing { try target.naming(entry) }.bytes
      name = named
      let (copied, count, opened) = try await copy(entry, to: named)
      directory = opened
      return (copied, count)
    }
    return Step(result: result, name: name, directory: directory)
  }

  /// Returns how many bytes were read, too; and for a directory what is still to be done.
  private func copy(
    _ entry: FileEntry, to name: [UInt8]
  ) async throws(FileError) -> (Copied, Int64, Step.OpenDirectory?) {
    let file = try entry.get()
    let engine = try file.processing { try reading.session.engine }
    let status = if let known = entry.status { known } else { try await engine.status(of: file) }
    if target.contains(file, status) { throw FileError(file, .copy, .excluded) }
    if status.kind == .directory { return try await copyDirectory(file, status, name, engine) }
    try take(name, for: file)
    let place = try await place(name, engine)
    try claimExisting(place, for: file)
    if place.existing != nil && options.overwriting == .never { return (copied(place, status, .unchanged), 0, nil) }
    do throws(FileError) {
      let (made, count) = try await copy(entry, file, status, place)
      try await claimMade(made, place, for: file)
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

  private func path(_ name: [UInt8]) -> FilePath {
    FilePath(bytes: target.root.bytes + [UInt8(ascii: "/")] + name)
  }

  private func place(_ name: [UInt8], _ engine: any FileEngine) async throws(FileError) -> CopyPlace {
    let start = name.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
    let directory = try await target.directory(Array(name[..<start]), engine)
    var place = CopyPlace(
      engine: engine, directory: directory, name: Array(name[start...]), path: path(name),
      mayReplace: isTriedAgain && options.overwriting != .never)
    if let directory, !directory.isNew {
      place.existing = try await engine.visit(directory, .stat) { () throws(FileError) in
        try directory.status(of: place.name)
      }
      if place.existing != nil { place.mayReplace = options.overwriting != .never }
    }
    return place
  }

  func copied(
    _ place: CopyPlace, _ status: FileStatus, _ action: Copied.Action, byteCount: Int64 = 0,
    _ output: Reducer.Output? = nil
  ) -> Copied {
    Copied(target: place.path, kind: status.kind, action: action, byteCount: byteCount, output: output)
  }

  /// What a file's copy is to have.
  func attributes(
    of file: FileReference, _ status: FileStatus, _ engine: any FileEngine
  ) async throws(FileError) -> FileAttributes {
    var attributes = FileAttributes(status, options.keeps)
    if options.keeps.contains(.extendedAttributes) {
      attributes.extended = try await engine.extendedAttributes(of: file)
    }
    return attributes
  }

  // MARK: Kinds

  private func copyDirectory(
    _ file: FileReference, _ status: FileStatus, _ name: [UInt8], _ engine: any FileEngine
  ) async throws(FileError) -> (Copied, Int64, Step.OpenDirectory?) {
    let directory = try await target.directory(name, engine)
    // What became of it is told by the ending.
    let made = Copied(target: path(name), kind: .directory, action: .written, byteCount: 0, output: nil)
    let attributes = try await attributes(of: file, status, engine)
    return (made, 0, Step.OpenDirectory(target: directory, attributes: attributes, isDryRun: options.isDryRun))
  }

  /// All but directories. Further names of a file that was copied become links to it.
  private func copy(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> (Copied, Int64) {
    guard options.keeps.contains(.hardLinks), status.linkCount > 1 else {
      return try await copyContents(entry, file, status, place)
    }
    let identity = FileIdentity(status)
    switch await target.links.claim(identity, linkCount: Int(status.linkCount)) {
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
    let output = copy.output as? Reducer.Output
    guard !options.isDryRun, let directory = place.directory, let other = copy.directory else {
      return copied(place, status, try wouldLink(place, to: copy) ? .linked : .unchanged, output)
    }
    let isMade = try await place.engine.visit(directory, .link) { () throws(FileError) in
      try directory.link(place.name, to: copy.name, in: other, replaces: place.mayReplace)
    }
    return copied(place, status, isMade ? .linked : .unchanged, output)
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

  /// A symbolic link, a FIFO, a socket or a device, in one visit to a thread.
  private func copySpecial(
    _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> Copied {
    let isLink = status.kind == .symbolicLink
    let attributes = FileAttributes(status, options.keeps)
    guard !options.isDryRun, let directory = place.directory else {
      return copied(place, status, try await wouldMake(file, status, place))
    }
    // There are no two FIFOs that differ.
    let mayStay = options.overwriting != .always || !isLink
    let action = try await place.engine.visit(directory, .create) { () throws(FileError) -> Copied.Action in
      let destination = isLink ? try file.destination() : []
      if mayStay, let existing = place.existing, existing.kind == status.kind,
        try isLink
          ? directory.destination(of: place.name) == destination : existing.represented == status.represented
      {
        return try directory.setAttributes(attributes, of: place.name, status.kind) ? .updated : .unchanged
      }
      if isLink {
        try directory.makeSymbolicLink(place.name, to: destination, attributes, replaces: place.mayReplace)
      } else {
        try directory.makeSpecialFile(place.name, like: status, attributes, replaces: place.mayReplace)
      }
      return .written
    }
    return copied(place, status, action)
  }
}

extension FileReference {
  /// Where a symbolic link leads. Blocks on the disk.
  func destination() throws(FileError) -> [UInt8] {
    do throws(Errno) {
      return try symbolicLinkTarget()
    } catch {
      throw FileError(self, .read, .system(error))
    }
  }
}
