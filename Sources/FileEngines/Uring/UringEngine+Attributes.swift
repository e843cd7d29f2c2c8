extension UringEngine {
  /// On a loop itself where nothing but a disk answers and the name is cached: the inode of a file that is about to be
  /// copied, or has been read, is in memory, and its attributes are in it as a rule.
  public func extendedAttributes(of file: FileReference) async throws(FileError) -> [FileAttributes.Extended] {
    if currentLoop != nil, let fileSystem = file.directory.fileSystem, !fileSystem.callsMayWait,
      let attributes = try? file.extendedAttributes(.cachedOnly)
    {
      return attributes
    }
    let isSlow = await isOnSlowFileSystem(file)
    return try await blocking(file, .attributes, isSlow: isSlow) { () throws(FileError) in
      try file.extendedAttributes()
    }
  }
}
