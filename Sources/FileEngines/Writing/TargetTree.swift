import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// A directory that files are written into, and everything below it.
///
/// The root's path is resolved once, and may lead through symbolic links: it is the user's. Below it no path is
/// resolved: each directory is reached by its name from the descriptor of the one that it is in, and a symbolic link is
/// never followed. So whatever other processes do in the tree, nothing is written outside it.
///
/// Made by ``FileWriting/openTarget(_:creating:)``.
public final class TargetTree: Sendable {
  /// The root itself.
  public let root: TargetDirectory
  private let recent = Mutex(RecentDirectories())
  /// Directories in which leftovers were looked for.
  let searched = Mutex<Set<FileIdentity>>([])
  /// What directories had that were opened to their owner. Seldom there are any.
  let formerPermissions = Mutex<[FileIdentity: FilePermissions]>([:])

  /// Opens the root; blocks on the disk.
  ///
  /// - Parameter permissions: of a root that is made here, less the umask; nil if it is to be there. What comes before
  ///   its last name must be there in any case.
  package init(_ root: FileReference, creating permissions: FilePermissions?) throws(FileError) {
    do throws(Errno) {
      let isNew = if let permissions { try Self.make(root, permissions) } else { false }
      let descriptor = try root.waitingFor { directory, path in
        negatedErrno { openat(directory, path, Opening.pathOnlyFlags | O_DIRECTORY) }
      }
      self.root = TargetDirectory(root: root.path, isNew: isNew, opened: FileDescriptor(rawValue: descriptor))
    } catch {
      throw FileError(root, .open, .system(error))
    }
  }

  /// Whether it was not there before.
  private static func make(_ root: FileReference, _ permissions: FilePermissions) throws(Errno) -> Bool {
    do throws(Errno) {
      _ = try root.waitingFor { directory, path in negatedErrno { mkdirat(directory, path, permissions.rawValue) } }
      return true
    } catch {
      if error != .fileExists { throw error }
      return false
    }
  }

  /// The directory at a path below the root, if it was used of late. Makes no call.
  package func known(_ path: [UInt8]) -> TargetDirectory? {
    if path.isEmpty { return root }
    return recent.withLock { $0[path] }
  }

  /// Whether opening or making the directory at a path, with the one that it is in known, reads nothing from the disk:
  /// that one is new, or the name is in the kernel's caches. Makes one call at the most.
  func isAtHand(_ path: [UInt8]) -> Bool {
    let slash = path.lastIndex(of: UInt8(ascii: "/"))
    guard let parent = known(slash.map { Array(path[..<$0]) } ?? []) else { return false }
    return parent.isNew || parent.isInCaches(slash.map { Array(path[($0 + 1)...]) } ?? path)
  }

  /// The directory that was at a path is gone: it is to be opened, or made, again. Makes no call.
  package func forget(_ path: [UInt8]) {
    let names = path.split(separator: UInt8(ascii: "/"))
    recent.withLock { recent in
      for depth in names.indices { recent[Self.joined(names.prefix(depth + 1))] = nil }
    }
  }

  /// The directory at a path below the root. Blocks on the disk; see ``FileWriting/directory(_:in:creating:)``.
  package func directory(_ path: [UInt8], creating permissions: FilePermissions?) throws(FileError) -> TargetDirectory {
    let names = try names(in: path)
    var (depth, directory) = (names.count, root)
    while depth > 0 {
      if let known = known(Self.joined(names.prefix(depth))) {
        directory = known
        break
      }
      depth -= 1
    }
    while depth < names.count {
      directory = try directory.child(names[depth] + [0], creating: permissions)
      depth += 1
      directory = remember(directory, Self.joined(names.prefix(depth)))
    }
    return directory
  }

  /// Keeps a directory that was opened, or takes the one that another task has opened meanwhile.
  private func remember(_ directory: TargetDirectory, _ path: [UInt8]) -> TargetDirectory {
    recent.withLock { recent in
      if let known = recent[path], known.identity == directory.identity {
        known.note(isNew: directory.isNew)
        return known
      }
      recent[path] = directory
      return directory
    }
  }

  private static func joined(_ names: ArraySlice<ArraySlice<UInt8>>) -> [UInt8] {
    Array(names.joined(separator: CollectionOfOne(UInt8(ascii: "/"))))
  }

  /// What leads upwards, or begins at another root, is refused as by `RESOLVE_BENEATH` of openat2(2).
  private func names(in path: [UInt8]) throws(FileError) -> [ArraySlice<UInt8>] {
    let slash = UInt8(ascii: "/")
    let names = path.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
    if path.first == slash || names.contains(where: { $0.elementsEqual("..".utf8) }) {
      throw FileError(root.target(path), .create, .system(.improperLink))
    }
    if path.contains(0) { throw FileError(root.target(path), .create, .nulInPath) }
    return names
  }
}

/// Directories that were used of late, by their paths: so many at most, each in the one place that its path's hash
/// names, from which the next with that hash takes it. One that is not here is opened again.
private struct RecentDirectories {
  /// A guess: more than the directories that the files of a window are in. Each takes some 200 bytes.
  private static let count = 512

  private var entries: [(path: [UInt8], directory: TargetDirectory)?] = Array(repeating: nil, count: count)

  subscript(path: [UInt8]) -> TargetDirectory? {
    get { entries[Self.index(path)].flatMap { $0.path == path ? $0.directory : nil } }
    set {
      let index = Self.index(path)
      if newValue != nil || entries[index]?.path == path { entries[index] = newValue.map { (path, $0) } }
    }
  }

  private static func index(_ path: [UInt8]) -> Int {
    var hasher = Hasher()
    // Of an array's own hash each byte is a call.
    path.withUnsafeBytes { hasher.combine(bytes: $0) }
    return Int(UInt(bitPattern: hasher.finalize()) % UInt(count))
  }
}
