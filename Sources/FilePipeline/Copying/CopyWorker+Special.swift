import FileEngines
import SystemPackage

// Symbolic links, FIFOs, sockets and devices: each in one visit to a thread.
extension CopyWorker {
  func copySpecial(_ file: FileReference, _ status: FileStatus, _ place: CopyPlace) async throws(FileError) -> Copied {
    guard let directory = place.directory else { return copied(place, status, .written) }
    if options.isDryRun { return copied(place, status, try await wouldMake(file, status, place, directory)) }
    let action = try await place.engine.visit(directory, .create) { () throws(FileError) -> CopyAction in
      let destination = status.kind == .symbolicLink ? try file.destination() : nil
      if let existing = place.existing, try mayStay(existing, status, destination, place, directory) {
        return try updateSpecial(existing, file, status, place, directory)
      }
      let attributes = try specialAttributes(of: file, status)
      if let destination {
        try directory.makeSymbolicLink(place.name, to: destination, attributes, replaces: place.mayReplace)
      } else {
        try directory.makeSpecialFile(place.name, like: status, attributes, replaces: place.mayReplace)
      }
      return .written
    }
    return copied(place, status, action)
  }

  /// What a run that writes would do.
  private func wouldMake(
    _ file: FileReference, _ status: FileStatus, _ place: CopyPlace, _ directory: TargetDirectory
  ) async throws(FileError) -> CopyAction {
    guard let existing = place.existing else { return .written }
    let update = try await place.engine.visit(directory, .create) { () throws(FileError) -> CopyAction? in
      let destination = status.kind == .symbolicLink ? try file.destination() : nil
      if try !mayStay(existing, status, destination, place, directory) { return nil }
      return try updateSpecial(existing, file, status, place, directory)
    }
    if update == nil { try refuseIrreplaceable(place) }
    return update ?? .written
  }

  private func specialAttributes(of file: FileReference, _ status: FileStatus) throws(FileError) -> FileAttributes {
    var attributes = attributes(status)
    if options.keeps.contains(.extendedAttributes) { attributes.extended = try file.extendedAttributes() }
    return attributes
  }

  /// Whether what is there is what would be made. There are no two FIFOs that differ.
  private func mayStay(
    _ existing: FileStatus, _ status: FileStatus, _ destination: [UInt8]?, _ place: CopyPlace,
    _ directory: TargetDirectory
  ) throws(FileError) -> Bool {
    if existing.kind != status.kind { return false }
    guard let destination else { return existing.represented == status.represented }
    if options.overwriting == .always { return false }
    return try directory.destination(of: place.name) == destination
  }

  private func updateSpecial(
    _ existing: FileStatus, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace,
    _ directory: TargetDirectory
  ) throws(FileError) -> CopyAction {
    var attributes = attributes(status)
    // A link has none that could be set.
    if status.kind == .symbolicLink { attributes.permissions = nil }
    let isRight = attributes.areThose(of: existing)
    if isRight && !mayDifferInExtended(existing, from: status) { return .unchanged }
    if options.keeps.contains(.extendedAttributes) { attributes.extended = try file.extendedAttributes() }
    let changes =
      if !options.isDryRun {
        try directory.setAttributes(attributes, of: place.name, status.kind)
      } else if isRight, let extended = attributes.extended {
        try directory.differs(from: extended, place.name, status.kind)
      } else { !isRight }
    return changes ? .updated : .unchanged
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

extension FileAttributes {
  /// Whether a file has them, but for the extended ones and the time of the last access.
  func areThose(of status: FileStatus) -> Bool {
    let present = FileAttributes(status)
    return (owner ?? present.owner) == present.owner && (permissions ?? present.permissions) == present.permissions
      && (times?.modified ?? status.modified) == status.modified
  }
}
