import FilePipeline

/// Maps the trees of several roots into one target tree: each goes under the number of its root.
struct ComparedTrees: Sendable {
  /// As they are walked.
  let roots: [[UInt8]]
  private let numbers: [[UInt8]: Int]

  /// - Parameter roots: no two lead to the same file or directory.
  init(roots: [[UInt8]]) {
    self.roots = roots
    numbers = Dictionary(zip(roots, roots.indices)) { first, _ in first }
  }

  /// The name of an entry below the root of a tree that is written.
  func name(of entry: FileEntry) -> FilePath {
    let root = entry.rootBytes
    let name = FilePath("\(numbers[root] ?? 0)")
    // A file that is a root itself has its number for a name.
    if entry.kind != .directory && entry.pathBytes == root { return name }
    return name.appending(entry.pathBelowRoot.components)
  }

  /// The paths of the roots' trees in a target tree, in the order of the roots.
  func roots(in tree: [UInt8]) -> [[UInt8]] {
    roots.indices.map { tree + Array("/\($0)".utf8) }
  }
}
