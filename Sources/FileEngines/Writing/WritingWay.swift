import SystemPackage

/// By which way the engine of rings writes whole small files into a directory, and why.
public struct WritingWay: Sendable, Hashable {
  /// Through the ring, not by system calls.
  public let isThroughRing: Bool
  /// A clause that says why.
  public let reason: String

  /// Looks at what the directory is on. Blocks.
  ///
  /// - Parameters:
  ///   - attributes: whether the files get owners, times and permissions before their names, as copies do.
  /// - Throws: what open(2) says of the directory.
  public init(
    into directory: FileReference, writes: FileEngineConfiguration.Writes = .auto, attributes: Bool
  ) throws(FileError) {
    let tree = try TargetTree(directory, creating: nil)
    var plan = WritePlan(choice: writes, fileSystem: tree.root.fileSystem, byteCount: 1)
    if attributes { plan.options.attributes = FileAttributes(permissions: .ownerReadWrite) }
    (isThroughRing, reason) = (plan.path == .chain, plan.reason)
  }
}

extension WritePlan {
  /// Why ``path`` is what it is, as far as it is not a matter of the one file.
  var reason: String {
    if choice == .calls { return "they were asked for" }
    if fileSystem.kind.callsMayWait { return "a daemon or a server answers for the directory" }
    if refusesUnnamedFiles { return "the file system has no files without a name" }
    if choice == .ring { return path == .chain ? "it was asked for" : "a chain cannot do what the options ask for" }
    if path == .chain { return "measured to be faster on this file system" }
    if fileSystem.type.map(Self.measuredTypes.contains) != true {
      return "the ring was not measured on this file system"
    }
    return options.attributes == nil ? "the ring cannot do it" : "measured to be no slower for files with attributes"
  }
}
