import FilePipeline

/// The entries that two trees have under one name.
struct TreePair: Sendable {
  /// The root's number, and the path below it.
  let root: Int
  let pathBelowRoot: [UInt8]
  /// Nil if that tree has no entry of this name; at most one of them is nil.
  let reference: WalkEntry?
  let tree: WalkEntry?
  /// Whether both are names of a file whose first name is at the same position of the walk: the trees have the same
  /// hard links.
  let hasSameLinks: Bool
}

/// Walks two lists of trees in step. Its calls block on the disk.
struct TreePairs: ~Copyable {
  private let reference: [[UInt8]]
  private let tree: [[UInt8]]
  /// See ``init(_:_:passing:)``.
  private let passed: Set<[UInt8]>?
  private var root = 0
  private var cursors: (reference: TreeCursor, tree: TreeCursor)?
  private var links = (reference: LinkedNames(), tree: LinkedNames())
  private var position = 0

  /// - Parameters:
  ///   - reference: roots; as many as `tree` has.
  ///   - passed: paths of entries of the reference that are skipped, like all entries that cannot be walked there. Nil
  ///     to compare failures there like all other entries.
  init(_ reference: [[UInt8]], _ tree: [[UInt8]], passing passed: Set<[UInt8]>?) {
    precondition(reference.count == tree.count, "each root has its counterpart")
    (self.reference, self.tree, self.passed) = (reference, tree, passed)
  }

  /// The next pairs, in the order of a walk; nil at the end.
  mutating func nextBatch() throws -> [TreePair]? {
    var batch: [TreePair] = []
    while batch.count < DirectoryWalk.batchSize, let pair = try next() { batch.append(pair) }
    return batch.isEmpty ? nil : batch
  }

  private mutating func next() throws -> TreePair? {
    while root < reference.count {
      if cursors == nil { cursors = (TreeCursor(reference[root]), TreeCursor(tree[root])) }
      while let pair = try nextBelowRoot() {
        if let entry = pair.reference, isPassedBy(entry) { continue }
        return pair
      }
      cursors = nil
      root += 1
    }
    return nil
  }

  /// Both walks list names in the same order. Where the next names differ, the tree with the later one lacks the
  /// earlier.
  private mutating func nextBelowRoot() throws -> TreePair? {
    guard let cursors else { return nil }
    let (first, second) = (try cursors.reference.position, try cursors.tree.position)
    guard let earlier = [first, second].compactMap({ $0 }).min() else { return nil }
    let reference = first == earlier ? try cursors.reference.current : nil
    let tree = second == earlier ? try cursors.tree.current : nil
    if reference != nil { cursors.reference.advance() }
    if tree != nil { cursors.tree.advance() }
    defer { position += 1 }
    return TreePair(
      root: root, pathBelowRoot: earlier.path, reference: reference, tree: tree,
      hasSameLinks: links.reference.first(of: reference, at: position) == links.tree.first(of: tree, at: position))
  }

  private func isPassedBy(_ entry: WalkEntry) -> Bool {
    guard let passed else { return false }
    if case .failure = entry.outcome { return true }
    return !passed.isEmpty && passed.contains(entry.path)
  }
}

/// A walk of one root, and its current entry. A root that does not exist has no entries.
private final class TreeCursor {
  private let root: [UInt8]
  private var walk: DirectoryWalk
  private var batch: ArraySlice<WalkEntry> = []
  private var isAtEnd = false

  init(_ root: [UInt8]) {
    self.root = root
    walk = DirectoryWalk([root], options: .copying)
  }

  var current: WalkEntry? {
    get throws {
      while batch.isEmpty && !isAtEnd {
        let next = try walk.nextBatch()
        isAtEnd = next == nil
        batch = next?.drop(while: isMissingRoot) ?? []
      }
      return batch.first
    }
  }

  private func isMissingRoot(_ entry: WalkEntry) -> Bool {
    guard entry.depth == 0, case .failure(let error) = entry.outcome else { return false }
    return error.cause == .system(.noSuchFileOrDirectory)
  }

  func advance() { batch.removeFirst() }

  var position: WalkPosition? {
    get throws {
      try current.map { entry in
        var path = entry.path.dropFirst(root.count)
        if path.first == UInt8(ascii: "/") { path.removeFirst() }
        return WalkPosition(path: Array(path), isDirectory: entry.kind == .directory)
      }
    }
  }
}

/// The position of an entry in the order of a walk: a directory sorts as if its name ended in a slash.
private struct WalkPosition: Comparable {
  let path: [UInt8]
  let isDirectory: Bool

  static func < (left: Self, right: Self) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// The root sorts before its entries.
  private var bytes: [UInt8] { isDirectory && !path.isEmpty ? path + [UInt8(ascii: "/")] : path }
}

/// Files with several names.
private struct LinkedNames {
  private struct File: Hashable {
    let device: FileStatus.Device
    let inode: UInt64
  }

  private var first: [File: Int] = [:]

  /// The position of the first name of the file that has this one.
  mutating func first(of entry: WalkEntry?, at position: Int) -> Int {
    guard let status = entry?.status, status.kind != .directory, status.linkCount > 1 else { return position }
    let file = File(device: status.device, inode: status.inode)
    if let known = first[file] { return known }
    first[file] = position
    return position
  }
}
