import FileEngines

// What a copy would do, for a run that writes nothing.
extension CopyWorker {
  /// Throws where what has the name would not be replaced.
  func refuseIrreplaceable(_ place: CopyPlace) throws(FileError) {
    guard let existing = place.existing else { return }
    let file = FileReference(path: place.path)
    switch existing.kind {
    case .regular, .symbolicLink: return
    case .directory: throw FileError(file, .create, .isDirectory)
    default: throw FileError(file, .create, .notRegular)
    }
  }

  /// What another name of the file can be linked to.
  func linkable(_ place: CopyPlace, _ copied: Copied) -> HardLinks.Copy {
    let keepsFile = copied.action == .unchanged || copied.action == .updated
    return HardLinks.Copy(
      directory: place.directory, name: place.name, kept: keepsFile ? place.existing.map { FileIdentity($0) } : nil,
      output: copied.output)
  }

  /// Whether the name would become one of the copy's; false if it is.
  func wouldLink(_ place: CopyPlace, to copy: HardLinks.Copy) throws(FileError) -> Bool {
    if let existing = place.existing, copy.kept == FileIdentity(existing) { return false }
    try refuseIrreplaceable(place)
    return true
  }

  /// For a symbolic link, a FIFO, a socket or a device.
  func wouldMake(
    _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> Copied.Action {
    guard let directory = place.directory, let existing = place.existing else { return .written }
    let isLink = status.kind == .symbolicLink
    let attributes = FileAttributes(status, options.keeps)
    if existing.kind == status.kind, options.overwriting != .always || !isLink {
      let isSame = try await place.engine.visit(directory, .create) { () throws(FileError) in
        try isLink
          ? directory.destination(of: place.name) == file.destination() : existing.represented == status.represented
      }
      if isSame { return attributes.wouldChange(existing, byName: true) ? .updated : .unchanged }
    }
    try refuseIrreplaceable(place)
    return .written
  }
}
