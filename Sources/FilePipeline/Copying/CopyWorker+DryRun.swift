import FileEngines

// What a copy would do: for dry runs.
extension CopyWorker {
  /// Throws if what has the name would not be replaced.
  func refuseIrreplaceable(_ destination: CopyDestination) throws(FileError) {
    guard let existing = destination.existing else { return }
    let file = FileReference(path: target.root.bytes + [UInt8(ascii: "/")] + destination.path)
    switch existing.kind {
    case .regular, .symbolicLink: return
    case .directory: throw FileError(file, .create, .isDirectory)
    default: throw FileError(file, .create, .notRegular)
    }
  }

  /// The copy that further names of the file are linked to.
  func linkable(_ destination: CopyDestination, _ copied: Copied) -> HardLinks.Copy {
    let keepsFile = copied.action == .unchanged || copied.action == .updated
    return HardLinks.Copy(
      directory: destination.directory, name: destination.name,
      kept: keepsFile ? destination.existing.map { FileIdentity($0) } : nil,
      output: copied.output)
  }

  /// Whether the name would become a link to the copy; false if it is one already.
  func wouldLink(_ destination: CopyDestination, to copy: HardLinks.Copy) throws(FileError) -> Bool {
    if let existing = destination.existing, copy.kept == FileIdentity(existing) { return false }
    try refuseIrreplaceable(destination)
    return true
  }
}
