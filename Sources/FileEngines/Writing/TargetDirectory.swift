import Glibc
import LinuxSystem
import Synchronization
import SystemPackage

/// A directory of a ``TargetTree``, in which files are written by their names.
///
/// Mostly its descriptor is kept (``DirectoryDescriptors`` bounds how many are). One that was given up is opened again
/// name by name from the nearest ancestor that has one, no name of which is followed if it is a symbolic link, and what
/// is found must be the same directory by device and inode. So a file is never written outside the tree, whatever
/// another process puts in a directory's place: it fails with `ESTALE`.
public final class TargetDirectory: Sendable {
  /// Its name in the parent, with a NUL behind it; of the root the path that was given.
  let name: [UInt8]
  let kept: KeptDescriptor
  let fileSystem: TargetFileSystem
  /// Of all directories of the tree that are on the same file system, as a rule.
  let syncGroup: SyncGroup
  /// The file system has answered that it has no files without a name (`O_TMPFILE`).
  let refusesUnnamedFiles = Atomic(false)
  /// Held while leftovers are looked for.
  let searching = Mutex<Void>(())
  let wasSearched = Atomic(false)
  private let wasMade: Atomic<Bool>
  /// Whether this process's user owns it. Another user who can write to the parent may have replaced the directory that
  /// was created here by one of their own.
  private let isOwn: Bool
  private let plainFiles = NewFiles()
  /// The path, if it is short: in a tree of many thousand levels the paths would take more than all else.
  private let shortPath: [UInt8]?
  private static let longestShortPath = 1024
  /// Nil for the root. It changes in `deinit` only.
  private let link: Mutex<TargetDirectory?>

  /// The root. Its descriptor is held as long as the tree: it was resolved once and is never resolved again.
  init(root path: [UInt8], isNew: Bool, opened: FileDescriptor) {
    wasMade = Atomic(isNew)
    name = path + [0]
    shortPath = path
    link = Mutex(nil)
    let found = identify(opened.rawValue)
    isOwn = Self.isOwn(opened)
    fileSystem = TargetFileSystem(opened, found)
    syncGroup = SyncGroup()
    kept = KeptDescriptor(found.map { FileIdentity($0) })
    // It is in no table, so that it is not given up.
    _ = kept.put(opened.rawValue)
    kept.giveBack()
  }

  /// - Parameter opened: kept or closed by this object.
  init(_ name: [UInt8], in parent: TargetDirectory, isNew: Bool, opened: FileDescriptor) {
    wasMade = Atomic(isNew)
    self.name = name
    let path = Self.joined([parent.path[...], name.dropLast()])
    shortPath = path.count <= Self.longestShortPath ? path : nil
    link = Mutex(parent)
    let found = identify(opened.rawValue)
    isOwn = Self.isOwn(opened)
    let isParents = found != nil && parent.kept.identity?.device == found?.device
    fileSystem = isParents ? parent.fileSystem : TargetFileSystem(opened, found)
    syncGroup = isParents ? parent.syncGroup : SyncGroup()
    kept = KeptDescriptor(found.map { FileIdentity($0) })
    if DirectoryDescriptors.keep(opened.rawValue, in: kept) { kept.giveBack() } else { try? opened.close() }
  }

  private static func isOwn(_ opened: FileDescriptor) -> Bool {
    var status = stat()
    return fstat(opened.rawValue, &status) == 0 && status.st_uid == ProcessRights.user
  }

  /// Releases the ancestors that nothing else refers to, one after another: a tree of many thousand levels would take
  /// as many frames of the stack.
  deinit {
    DirectoryDescriptors.forget(kept)
    var ancestor = link.withLock { $0.take() }
    while ancestor != nil, isKnownUniquelyReferenced(&ancestor) {
      ancestor = ancestor?.link.withLock { $0.take() }
    }
  }

  /// Whether it was made when this object was, or at the same time: then nothing is in it that was there before.
  package var isNew: Bool { wasMade.load(ordering: .relaxed) }

  /// Of two tasks that want a directory at the same time one makes it, and either may be the first to tell.
  func note(isNew: Bool) {
    if isNew { wasMade.store(true, ordering: .relaxed) }
  }

  /// Nil where files may be given anything.
  var newFiles: NewFiles? { isNew && isOwn && !callsMayWait ? plainFiles : nil }

  /// It is about to be given attributes.
  func newFilesEnd() { plainFiles.end() }

  var parent: TargetDirectory? { link.withLock { $0 } }

  /// Whether a daemon or a server answers for it, which may take any time.
  package var callsMayWait: Bool { fileSystem.kind.callsMayWait }

  /// The path, byte for byte, as the root's path and the names below it give it. A long one is put together anew at
  /// each call.
  public var path: [UInt8] {
    if let shortPath { return shortPath }
    var names: [ArraySlice<UInt8>] = []
    var directory: TargetDirectory? = self
    while let current = directory {
      names.append(current.name.dropLast())
      directory = current.parent
    }
    return Self.joined(names.reversed())
  }

  /// A file in the directory, as errors name it. The name need not be one that a file can have.
  package func target(_ name: [UInt8]) -> FileReference {
    FileReference(path: Self.joined([path[...], name[...]]))
  }

  private static func joined(_ names: [ArraySlice<UInt8>]) -> [UInt8] {
    let slash = UInt8(ascii: "/")
    var path: [UInt8] = []
    path.reserveCapacity(names.reduce(1) { $0 + $1.count + 1 })
    path += names[0]
    for name in names.dropFirst() {
      if path.last != slash { path.append(slash) }
      path += name
    }
    return path
  }
}

// MARK: Reaching it

extension TargetDirectory {
  private static let flags = Opening.pathOnlyFlags | O_DIRECTORY

  /// The descriptor, if it is open just now; makes no call.
  func borrowIfKept() -> BorrowedDirectory? {
    kept.borrow().map { BorrowedDirectory($0, from: kept) }
  }

  /// The descriptor, to be given back to ``kept``: opened again if need be, and nil if it cannot be kept then.
  func borrowToKeep() throws(Errno) -> Int32? {
    if let descriptor = kept.borrow() { return descriptor }
    let reached = try borrow()
    return withExtendedLifetime(reached) { kept.borrow() }
  }

  /// The descriptor. Blocks on the disk if it must be opened again, by one call for each name.
  ///
  /// - Throws: `ESTALE` if the directory is not there any more, or another or a link is in its place.
  func borrow() throws(Errno) -> BorrowedDirectory {
    if let borrowed = borrowIfKept() { return borrowed }
    var missing = [self]
    var nearest = self
    while let parent = nearest.parent {
      if let descriptor = parent.kept.borrow() {
        return try Self.descend(missing, from: BorrowedDirectory(descriptor, from: parent.kept))
      }
      missing.append(parent)
      nearest = parent
    }
    throw .staleNFSFileHandle
  }

  /// - Parameter missing: the uppermost is the last.
  private static func descend(
    _ missing: [TargetDirectory], from place: consuming BorrowedDirectory
  ) throws(Errno) -> BorrowedDirectory {
    var current = place
    for directory in missing.reversed() {
      let descriptor: FileDescriptor
      do throws(Errno) {
        descriptor = try openChild(directory.name, in: current.descriptor)
      } catch {
        throw error == .notDirectory || error == .noSuchFileOrDirectory ? .staleNFSFileHandle : error
      }
      current = try directory.adopt(descriptor)
    }
    return current
  }

  /// Opens by a single name, which is not followed: `ENOTDIR` if it is that of a link.
  private static func openChild(_ name: [UInt8], in directory: Int32) throws(Errno) -> FileDescriptor {
    try DescriptorShortage.opening {
      name.withCString { name in negatedErrno { openat(directory, name, flags | O_NOFOLLOW) } }
    }
  }

  private func adopt(_ descriptor: FileDescriptor) throws(Errno) -> BorrowedDirectory {
    guard let wanted = kept.identity, FileIdentity(descriptor.rawValue) == wanted else {
      try? descriptor.close()
      throw .staleNFSFileHandle
    }
    return DirectoryDescriptors.keep(descriptor.rawValue, in: kept)
      ? BorrowedDirectory(descriptor.rawValue, from: kept) : BorrowedDirectory(temporary: descriptor.rawValue)
  }

  // MARK: Making

  /// The directory of this name in this one; made with `permissions`, less the umask, if it is not there (mkdirat(2)).
  /// Blocks on the disk.
  ///
  /// - Parameters:
  ///   - name: with a NUL behind it, and none of `.`, `..` or several names.
  ///   - permissions: nil if it is to be there.
  func child(_ name: [UInt8], creating permissions: FilePermissions?) throws(FileError) -> TargetDirectory {
    do throws(Errno) {
      let place = try borrow()
      let isNew = try permissions.map { permissions throws(Errno) in
        try Self.make(name, in: place.descriptor, permissions)
      }
      return TargetDirectory(
        name, in: self, isNew: isNew ?? false, opened: try Self.openChild(name, in: place.descriptor))
    } catch {
      throw FileError(target(Array(name.dropLast())), .create, cause(error, of: name))
    }
  }

  /// Whether it was not there before.
  private static func make(
    _ name: [UInt8], in directory: Int32, _ permissions: FilePermissions
  ) throws(Errno) -> Bool {
    let result = name.withCString { name in negatedErrno { mkdirat(directory, name, permissions.rawValue) } }
    if result < 0 && result != -EEXIST { throw Errno(rawValue: -result) }
    return result == 0
  }

  /// `O_NOFOLLOW` together with `O_DIRECTORY` says of a link that it is no directory.
  private func cause(_ error: Errno, of name: [UInt8]) -> FileError.Cause {
    guard error == .notDirectory, let place = borrowIfKept() else { return .system(error) }
    var status = stat()
    let result = name.withCString { fstatat(place.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) }
    return result == 0 && status.st_mode & S_IFMT == S_IFLNK ? .isSymbolicLink : .system(error)
  }
}

/// What a target directory is on, as far as the way of writing depends on it.
struct TargetFileSystem: Sendable, Hashable {
  let kind: FileSystemKind
  /// As fstatfs(2) numbers it; nil where that is not known, or would ask a daemon or a server.
  let type: UInt64?

  init(kind: FileSystemKind, type: UInt64?) {
    (self.kind, self.type) = (kind, type)
  }

  /// May ask the file system, and so block.
  init(_ directory: FileDescriptor, _ found: InodeIdentity?) {
    kind = FileSystems.kind(of: directory, found)
    type = kind.callsMayWait ? nil : fileSystemType(of: directory)
  }
}
