import FilePipeline
import Glibc
import SystemPackage

/// The target of each source of a copy, by the rules of cp(1).
struct CopyLayout: Sendable {
  /// As they are walked.
  let roots: [[UInt8]]
  /// The directory that the sources are copied into, or that the single source becomes.
  let target: FilePath
  /// The name of each root below the target; empty for the target itself.
  private let names: [[UInt8]: [UInt8]]

  /// Looks at the sources and the target; blocks on the disk.
  ///
  /// - Throws: if a source would be overwritten, or two sources have one name in the target.
  init(sources: [[UInt8]], target: [UInt8]) throws(CopyRefusal) {
    roots = sources
    let isDirectory = Self.isDirectory(target)
    if sources.count > 1 && !isDirectory { throw CopyRefusal(path: target, reason: "not a directory") }
    var names: [[UInt8]: [UInt8]] = [:]
    var (into, last) = (target, [UInt8]?.none)
    if !isDirectory, !Self.isDirectory(sources[0]) {
      // A file under another name.
      (into, last) = try Self.splitForFile(target)
    }
    var owners: [[UInt8]: [UInt8]] = [:]
    for source in sources {
      let name = last ?? (isDirectory ? Self.name(of: source) : [])
      if sources.count > 1 && (name.isEmpty || owners[name] != nil) {
        let reason =
          name.isEmpty ? "the contents of a directory are copied alone" : "another source goes to the same name"
        throw CopyRefusal(path: source, reason: reason)
      }
      if isDirectory, let own = Self.identity(source), own == Self.identity(target) {
        throw CopyRefusal(path: source, reason: "a directory cannot be copied into itself")
      }
      (names[source], owners[name]) = (name, source)
    }
    try CopyOverlap(sources: owners, target: into).check()
    (self.names, self.target) = (names, FilePath(bytes: into))
  }

  /// Names entries below the target; nil if each keeps its path below its root.
  var naming: CopyNaming? {
    let keepsNames = roots.allSatisfy { names[$0] == [] && Self.isDirectory($0) }
    return keepsNames ? nil : name
  }

  private func name(of entry: FileEntry) -> FilePath {
    let name = roots.count == 1 ? names[roots[0]] : names[entry.rootBytes]
    guard let name else { return entry.pathBelowRoot }
    // A source that is a file has the whole name.
    if entry.kind != .directory && entry.isRoot { return FilePath(bytes: name) }
    let below = entry.bytesBelowRoot
    return FilePath(bytes: name.isEmpty || below.isEmpty ? name + below : name + [Self.slash] + below)
  }

  /// Refuses a manifest in a source, which must not change, or in the target, where a copy may have its name. Blocks on
  /// the disk.
  func check(manifest: [UInt8]) throws(CopyRefusal) {
    let (directory, _) = Self.split(manifest)
    guard let resolved = ResolvedPath(directory) else { return }
    for tree in (roots + [target.bytes]).compactMap({ ResolvedPath($0) }) where resolved.isWithin(tree) {
      throw CopyRefusal(path: manifest, reason: "a manifest is neither in a source nor in the target")
    }
  }

  // MARK: Paths

  /// The directory and the name of a target that becomes a file, by the rules of cp(1).
  private static func splitForFile(_ target: [UInt8]) throws(CopyRefusal) -> ([UInt8], [UInt8]) {
    let (directory, name) = split(target)
    // Only a directory can have such a path.
    if name.isEmpty || name == [dot] || name == [dot, dot] {
      throw CopyRefusal(path: target, reason: "not a directory")
    }
    if !isDirectory(directory) { throw CopyRefusal(path: target, reason: "its directory is not there") }
    return (directory, name)
  }

  private static let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))

  private static func isDirectory(_ path: [UInt8]) -> Bool {
    FileReference(path: path).kindFollowingLinks() == .success(.directory)
  }

  private static func identity(_ path: [UInt8]) -> FileIdentity? { try? FileReference(path: path).identity() }

  /// The last name; empty if the path ends in a slash, `.` or `..`.
  private static func name(of path: [UInt8]) -> [UInt8] {
    let name = Array(path[(path.lastIndex(of: slash).map { $0 + 1 } ?? 0)...])
    return name == [dot] || name == [dot, dot] ? [] : name
  }

  /// A file's directory and its name there.
  static func split(_ path: [UInt8]) -> ([UInt8], [UInt8]) {
    guard let end = path.lastIndex(of: slash) else { return ([dot], path) }
    return (Array(path[...end]), Array(path[(end + 1)...]))
  }
}

/// Why a copy is refused before anything is written.
struct CopyRefusal: FatalError {
  let path: [UInt8]
  let reason: String

  var message: String { "\(QuotedName.text(path)): \(reason)" }
}
