import FileEngines

// What a copy would do, for a run that writes nothing.
extension CopyWorker {
  /// Throws where what has the name would not be replaced.
  func refuseIrreplaceable(_ place: CopyPlace) throws(FileError) {
    guard let existing = place.existing else { return }
    let file = FileReference(path: target.root.bytes + [UInt8(ascii: "/")] + place.path.bytes)
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
}
