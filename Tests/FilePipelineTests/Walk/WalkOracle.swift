import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage

@testable import FileEngines
@testable import FilePipeline

/// The properties of an entry that tests compare.
struct Met: Equatable {
  var path: [UInt8]
  var name: [UInt8]
  var depth: Int
  var kind: FileStatus.Kind
  var failure: FileError?
  /// The inode number from stat(2) or lstat(2), if the status was wanted.
  var inode: UInt64?

  init(_ entry: WalkEntry) {
    (path, name, depth, kind) = (entry.path, entry.name, entry.depth, entry.kind)
    if case .failure(let error) = entry.outcome { failure = error }
    inode = entry.status?.inode
  }

  init(_ path: [UInt8], depth: Int, _ kind: FileStatus.Kind, inode: UInt64? = nil, failure: FileError? = nil) {
    (self.path, self.depth, self.kind, self.inode, self.failure) = (path, depth, kind, inode, failure)
    name = Array(path.suffix(from: path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0))
  }
}

/// All entries of a walk.
func allMet(
  _ roots: [[UInt8]], _ options: WalkOptions, _ detector: BlockingDetector = BlockingDetector()
) throws -> [Met] {
  var walk = DirectoryWalk(roots, options: options, detector)
  var met: [Met] = []
  while let batch = try walk.nextBatch() {
    precondition(!batch.isEmpty && batch.count <= DirectoryWalk.batchSize)
    met += batch.map(Met.init)
  }
  return met
}

/// Listing waits, as on a slow disk: threads list ahead.
func waitingPace() -> BlockingDetector {
  let detector = BlockingDetector(memory: .max / 2)
  detector.measure { _ = poll(nil, 0, 1) }
  return detector
}

/// The expected entries of a walk, found by readdir(3), stat(2) and lstat(2) of whole paths and sorted at the end.
struct WalkOracle {
  /// A rule for the oracle and for the closures of the walk.
  typealias Rule = @Sendable (_ name: [UInt8], _ depth: Int) -> Bool

  var options = WalkOptions()
  var filter: Rule?
  var descends: Rule?
  private var met: [(key: [UInt8], met: Met)] = []

  init(_ options: WalkOptions, filter: Rule? = nil, descends: Rule? = nil) {
    (self.options, self.filter, self.descends) = (options, filter, descends)
    if let filter { self.options.filter = { filter($0.name, $0.depth) } }
    if let descends { self.options.descends = { descends($0.name, $0.depth) } }
  }

  /// - Parameter root: a path without a trailing slash.
  func entries(under root: [UInt8]) -> [Met] {
    var walk = self
    walk.visit(root, 0, ancestors: [])
    return walk.met.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.met)
  }

  private mutating func visit(_ path: [UInt8], _ depth: Int, ancestors: [FileIdentity]) {
    let follows = depth == 0 || options.followsSymbolicLinks
    var status = stat()
    if path.withCString({ follows ? stat($0, &status) : lstat($0, &status) }) != 0 {
      let error = FileError(path: path, operation: .stat, cause: .system(Errno(rawValue: errno)))
      met.append((path, Met(path, depth: depth, .symbolicLink, failure: error)))
      return
    }
    switch FileStatus.Kind(mode: status.st_mode) {
    case .directory: visitDirectory(path, depth, status, ancestors)
    case .regular: give(path, depth, status)
    case .symbolicLink: if options.includes.contains(.symbolicLinks) { give(path, depth, status) }
    default: if options.includes.contains(.specialFiles) { give(path, depth, status) }
    }
  }

  private mutating func visitDirectory(
    _ path: [UInt8], _ depth: Int, _ status: stat, _ ancestors: [FileIdentity]
  ) {
    let isEntered = descends?(Met(path, depth: depth, .directory).name, depth) ?? true
    if isEntered && ancestors.contains(FileIdentity(status)) {
      let error = FileError(path: path, operation: .list, cause: .system(.tooManySymbolicLinkLevels))
      met.append((path + [UInt8(ascii: "/")], Met(path, depth: depth, .directory, failure: error)))
      return
    }
    if options.includes.contains(.directories) { give(path, depth, status) }
    if !isEntered { return }
    for name in TemporaryDirectory.names(in: path) where options.includesHidden || name.first != UInt8(ascii: ".") {
      visit(path + [UInt8(ascii: "/")] + name, depth + 1, ancestors: ancestors + [FileIdentity(status)])
    }
  }

  private mutating func give(_ path: [UInt8], _ depth: Int, _ status: stat) {
    let kind = FileStatus.Kind(mode: status.st_mode)
    let met = Met(path, depth: depth, kind, inode: options.wantsStatus ? UInt64(status.st_ino) : nil)
    if filter?(met.name, depth) == false { return }
    self.met.append((kind == .directory ? path + [UInt8(ascii: "/")] : path, met))
  }
}

/// A tree with files of every kind, hidden ones too, and links to what is in it, to nothing, to themselves and to
/// their ancestors. The same for the same seed.
enum LinkedTree {
  private static let names =
    [
      "a", "a-b", "a.b", "a0", ".hidden", ".", "..b", "longer-than-eight", "longer-than-eight-too", "new\nline", "b",
      "c",
    ].map { Array($0.utf8) }.filter { $0 != [46] } + [[0xFF], [0x61, 0xFE], [0x2E, 0xFE]]

  static func fill(_ directory: TemporaryDirectory, seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var (directories, targets, taken) = ([[UInt8]()], ["", "missing"], Set<[UInt8]>())
    for _ in 0..<60 {
      let parent = directories.randomElement(using: &random)!
      let path = parent + names.randomElement(using: &random)!
      if !taken.insert(path).inserted { continue }
      switch Int.random(in: 0..<12, using: &random) {
      case 0...3 where directories.count < 10:
        try directory.makeDirectory(path)
        directories.append(path + [UInt8(ascii: "/")])
      case 4: try directory.makePipe(path)
      case 5: try directory.makeSocket(path)
      case 6: try directory.makeLink(path, to: String(decoding: path.suffix(1), as: UTF8.self))
      // Few, because the number of paths without a cycle grows fast.
      case 7...8: try directory.makeLink(path, to: directory.string + "/" + targets.randomElement(using: &random)!)
      case 9 where !parent.isEmpty: try directory.makeLink(path, to: "..")
      default: try directory.write([UInt8].noise(Int.random(in: 0...99, using: &random)), to: path)
      }
      if let target = String(validating: path, as: UTF8.self) { targets.append(target) }
    }
  }
}
