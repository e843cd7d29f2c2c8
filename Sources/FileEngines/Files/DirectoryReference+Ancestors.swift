import SystemPackage

extension DirectoryReference {
  /// The uppermost directory of the walk that has listed this one.
  var rootOfWalk: DirectoryReference {
    var root = self
    while let parent = root.parent, parent.kept != nil { root = parent }
    return root
  }

  /// Whether an open directory is this one or one of its ancestors, by device and inode: those that its path leads
  /// through, which need not be its parents on the disk. False if the kernel does not say which directory it is.
  package func isOrIsIn(_ opened: FileDescriptor) -> Bool {
    guard let identity = FileIdentity(opened.rawValue) else { return false }
    return isOrIsIn(identity)
  }

  /// The same of the root of a target tree.
  package func isOrIsIn(_ tree: TargetTree) -> Bool {
    tree.root.kept.identity.map { isOrIsIn($0) } ?? false
  }

  private func isOrIsIn(_ identity: FileIdentity) -> Bool {
    var directory: DirectoryReference? = self
    while let current = directory {
      if current.kept?.identity == identity { return true }
      directory = current.parent
    }
    return false
  }
}
