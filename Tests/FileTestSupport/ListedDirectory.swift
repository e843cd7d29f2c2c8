import FileEngines

extension TemporaryDirectory {
  /// The directory as a walk would have it that had listed these names in it.
  public func reference(names: [[UInt8]]) throws -> DirectoryReference {
    try listedDirectory(path, names: names)
  }

  public func reference(names: [String]) throws -> DirectoryReference {
    try reference(names: names.map { Array($0.utf8) })
  }
}

/// The directory with this path as a walk would have it that had listed these names in it.
public func listedDirectory(_ path: [UInt8], names: [[UInt8]]) throws -> DirectoryReference {
  let place = FileReference(path: path)
  let opened = try place.openDirectory(followSymbolicLink: false).get()
  return DirectoryReference(at: place, names: Array(names.map { $0 + [0] }.joined()), opened: opened)
}
