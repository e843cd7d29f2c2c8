import FileEngines

/// Whether source directories are in the tree that is written. Entries of one directory come together, so the last
/// answer is kept.
struct TargetMembership {
  private var last: (directory: DirectoryReference, isInside: Bool)?

  mutating func contains(_ directory: DirectoryReference, in tree: TargetTree) -> Bool {
    if let last, last.directory === directory { return last.isInside }
    let isInside = directory.isOrIsIn(tree)
    last = (directory, isInside)
    return isInside
  }
}
