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
  /// The name that the present entry has taken.
  private var taken: [UInt8]?
  private var membership = TargetMembership()

  init(_ reading: FileWorker, _ target: CopyTarget, _ make: (@Sendable () -> any ByteReducer)?) {
    (self.reading, self.target, self.make) = (reading, target, make)
  }

  var options: CopyOptions { target.options }

  /// Throws if the task is cancelled, and if the engine has failed.
  func step(_ entry: FileEntry, _ retry: Retry) async throws -> CopyStep {
    taken = nil
    var name: [UInt8]?
    var directory: CopyStep.OpenDirectory?
    let result = try await reading.attempt(entry, retry) { () async throws(FileError) in
      let named = try entry.reference.processing { try target.naming(entry) }.bytes
      name = named
      let (copied, count, opened) = try await copy(entry, to: named)
      directory = opened
      return (copied, count)
    }
    return CopyStep(result, name: name, directory: directory)
  }

  /// Returns how many bytes were read, too; and for a directory what is still to be done.
  private func copy(
    _ entry: FileEntry, to name: [UInt8]
  ) async throws(FileError) -> (Copied, Int64, CopyStep.OpenDirectory?) {
    let file = try entry.get()
    let engine = try file.processing { try reading.session.engine }
    let status = if let known = entry.status { known } else { try await engine.status(of: file) }
    if target.contains(file, status, &membership) { throw FileError(file, .copy, .excluded) }
    if status.kind == .directory { return try await copyDirectory(file, status, name, engine) }
    try take(name, for: file)
    let place = try await place(name, engine)
    if place.existing != nil && options.overwriting == .never { return (copied(place, status, .unchanged), 0, nil) }
    do throws(FileError) {
      let (made, count) = try await copy(entry, file, status, place)
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
    if taken == name { return }
    if !target.take(name) { throw FileError(file, .create, .nameTaken) }
    taken = name
  }

  private func place(_ name: [UInt8], _ engine: any FileEngine) async throws(FileError) -> CopyPlace {
    let name = TargetName(name)
    let directory = try await target.directory(name.directory, engine)
    var place = CopyPlace(engine: engine, directory: directory, path: name)
    if let directory, !directory.isNew {
      place.existing = try await engine.status(of: name.last, in: directory)
    }
    return place
  }

  func copied(
    _ place: CopyPlace, _ status: FileStatus, _ action: CopyAction, byteCount: Int64 = 0,
    _ output: (any Sendable)? = nil
  ) -> Copied {
    Copied(
      root: target.root, name: place.path.bytes, kind: status.kind, action: action, byteCount: byteCount, output: output
    )
  }

  /// What a file's copy is to have.
  func attributes(
    of file: FileReference, _ status: FileStatus, _ engine: any FileEngine
  ) async throws(FileError) -> FileAttributes {
    var attributes = FileAttributes(status).keeping(options.keeps)
    if options.keeps.contains(.extendedAttributes) {
      attributes.extended = try await engine.extendedAttributes(of: file)
    }
    return attributes
  }

  // MARK: Kinds

  private func copyDirectory(
    _ file: FileReference, _ status: FileStatus, _ name: [UInt8], _ engine: any FileEngine
  ) async throws(FileError) -> (Copied, Int64, CopyStep.OpenDirectory?) {
    let directory = try await target.directory(name, engine)
    let action: CopyAction = directory == nil ? .written : .unchanged
    let made = Copied(root: target.root, name: name, kind: .directory, action: action, byteCount: 0, output: nil)
    guard let directory, !options.isDryRun else { return (made, 0, nil) }
    let attributes = try await attributes(of: file, status, engine)
    return (made, 0, CopyStep.OpenDirectory(target: directory, attributes: attributes))
  }

  /// All but directories. Further names of a file that was copied become links to it.
  private func copy(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> (Copied, Int64) {
    guard options.keeps.contains(.hardLinks), status.linkCount > 1, !options.isDryRun,
      let directory = place.directory
    else { return try await copyContents(entry, file, status, place) }
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
        target.links.settle(identity, as: HardLinks.Copy(directory: directory, name: place.name))
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
    guard let directory = place.directory else { return copied(place, status, .linked) }
    let isMade = try await place.engine.visit(directory, .link) { () throws(FileError) in
      try directory.link(
        place.name, to: copy.name, in: copy.directory, replaces: options.overwriting != .never)
    }
    return copied(place, status, isMade ? .linked : .unchanged)
  }

  private func copyContents(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> (Copied, Int64) {
    switch status.kind {
    case .regular: return try await copyRegular(entry, file, status, place)
    case .unknown, .directory: throw FileError(file, .copy, .notRegular)
    default: return (try await copySpecial(file, status, place), 0)
    }
  }

  /// A symbolic link, a FIFO, a socket or a device, in one visit to a thread.
  private func copySpecial(
    _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> Copied {
    let (isLink, isDryRun) = (status.kind == .symbolicLink, options.isDryRun)
    let replaces = options.overwriting != .never
    let attributes = FileAttributes(status).keeping(options.keeps)
    guard let directory = place.directory else { return copied(place, status, .written) }
    // There are no two FIFOs that differ.
    let mayStay = options.overwriting != .always || !isLink
    let action = try await place.engine.visit(directory, .create) { () throws(FileError) -> CopyAction in
      let destination = isLink ? try file.destination() : []
      if mayStay, let existing = place.existing, existing.kind == status.kind,
        try isLink
          ? directory.destination(of: place.name) == destination : existing.represented == status.represented
      {
        if isDryRun { return .unchanged }
        return try directory.setAttributes(attributes, of: place.name, status.kind) ? .updated : .unchanged
      }
      if isDryRun { return .written }
      if isLink {
        try directory.makeSymbolicLink(place.name, to: destination, attributes, replaces: replaces)
      } else {
        try directory.makeSpecialFile(place.name, like: status, attributes, replaces: replaces)
      }
      return .written
    }
    return copied(place, status, action)
  }
}

extension FileReference {
  /// Where a symbolic link leads. Blocks on the disk.
  fileprivate func destination() throws(FileError) -> [UInt8] {
    do throws(Errno) {
      return try symbolicLinkTarget()
    } catch {
      throw FileError(self, .read, .system(error))
    }
  }
}
