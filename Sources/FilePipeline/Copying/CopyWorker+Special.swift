import FileEngines
import SystemPackage

// Symbolic links, FIFOs, sockets and devices. All calls for one of them are made in one visit to a thread.
extension CopyWorker {
  func copySpecial(
    _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination
  ) async throws(FileError) -> Copied {
    guard let directory = destination.directory else { return copied(destination, status, .written) }
    if options.isDryRun {
      return copied(destination, status, try await wouldMake(file, status, destination, directory))
    }
    let action = try await destination.engine.visit(directory, .create) { () throws(FileError) -> CopyAction in
      let linkTarget = status.kind == .symbolicLink ? try file.linkTarget() : nil
      if let existing = destination.existing, try mayStay(existing, status, linkTarget, destination, directory) {
        return try updateSpecial(existing, file, status, destination, directory)
      }
      let attributes = try specialAttributes(of: file, status)
      if let linkTarget {
        try directory.makeSymbolicLink(destination.name, to: linkTarget, attributes, replaces: destination.mayReplace)
      } else {
        try directory.makeSpecialFile(destination.name, like: status, attributes, replaces: destination.mayReplace)
      }
      return .written
    }
    return copied(destination, status, action)
  }

  /// What a run that is not dry would do.
  private func wouldMake(
    _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination, _ directory: TargetDirectory
  ) async throws(FileError) -> CopyAction {
    guard let existing = destination.existing else { return .written }
    let update = try await destination.engine.visit(directory, .create) { () throws(FileError) -> CopyAction? in
      let linkTarget = status.kind == .symbolicLink ? try file.linkTarget() : nil
      if try !mayStay(existing, status, linkTarget, destination, directory) { return nil }
      return try updateSpecial(existing, file, status, destination, directory)
    }
    if update == nil { try refuseIrreplaceable(destination) }
    return update ?? .written
  }

  private func specialAttributes(of file: FileReference, _ status: FileStatus) throws(FileError) -> FileAttributes {
    var attributes = attributes(status)
    if options.keeps.contains(.extended) { attributes.extended = try file.extendedAttributes() }
    return attributes
  }

  /// Whether to keep the existing file, because it has the kind of the source and the same device number or link
  /// target. Links are not kept with ``CopyOptions/Overwriting/always``.
  private func mayStay(
    _ existing: FileStatus, _ status: FileStatus, _ linkTarget: [UInt8]?, _ destination: CopyDestination,
    _ directory: TargetDirectory
  ) throws(FileError) -> Bool {
    if existing.kind != status.kind { return false }
    guard let linkTarget else { return existing.represented == status.represented }
    if options.overwriting == .always { return false }
    return try directory.destination(of: destination.name) == linkTarget
  }

  private func updateSpecial(
    _ existing: FileStatus, _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination,
    _ directory: TargetDirectory
  ) throws(FileError) -> CopyAction {
    var attributes = attributes(status)
    // The permissions of a link cannot be set.
    if status.kind == .symbolicLink { attributes.permissions = nil }
    let isRight = attributes.areThose(of: existing)
    if isRight && !mayDifferInExtended(existing, from: status) { return .unchanged }
    if options.keeps.contains(.extended) { attributes.extended = try file.extendedAttributes() }
    let changes =
      if !options.isDryRun {
        try directory.setAttributes(attributes, of: destination.name, status.kind)
      } else if isRight, let extended = attributes.extended {
        try directory.differs(from: extended, destination.name, status.kind)
      } else { !isRight }
    return changes ? .updated : .unchanged
  }
}

extension FileReference {
  /// The target of a symbolic link. Blocks on the disk.
  fileprivate func linkTarget() throws(FileError) -> [UInt8] {
    do throws(Errno) {
      return try symbolicLinkTarget()
    } catch {
      throw FileError(self, .read, .system(error))
    }
  }
}

extension FileAttributes {
  /// Whether a file has these attributes; extended attributes and the time of the last access are ignored.
  func areThose(of status: FileStatus) -> Bool {
    let present = FileAttributes(status)
    return (owner ?? present.owner) == present.owner && (permissions ?? present.permissions) == present.permissions
      && (times?.modified ?? status.modified) == status.modified
  }
}
