import FilePipeline

/// How the trees under several roots are written into one: each under its number.
struct ComparedTrees: Sendable {
  /// As they are walked.
  let roots: [[UInt8]]
  private let numbers: [[UInt8]: Int]

  /// - Parameter roots: of those that are there no two the same.
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

  /// Where the roots' trees are in a tree that was written, in their order.
  func roots(in tree: [UInt8]) -> [[UInt8]] {
    roots.indices.map { tree + Array("/\($0)".utf8) }
  }
}
