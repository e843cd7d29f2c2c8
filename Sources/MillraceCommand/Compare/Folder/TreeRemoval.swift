import Glibc
import LinuxSystem
import SystemPackage

/// Removes a directory and all its contents, as `rm -r` does. Its calls block on the disk.
///
/// Every name is a single one, resolved in the open directory that it was listed in and not followed if it is a
/// symbolic link: nothing outside the tree is touched, whatever another process puts into it meanwhile. A file system
/// that is mounted in it stays. The depth of the tree costs no descriptors: one directory is open at a time, and its
/// parent is opened as `..`, which must be the directory that the descent came from.
struct TreeRemoval {
  /// A directory on the path from the root of the tree to the current one.
  private struct Level {
    let name: [UInt8]
    let identity: Identity
    /// Its subdirectories that are not removed yet.
    var directories: [[UInt8]]
  }

  private struct Identity: Equatable {
    let (device, inode): (UInt64, UInt64)

    /// Of an open directory; nil if the kernel fails to say.
    init?(_ descriptor: Int32) {
      var status = stat()
      if fstat(descriptor, &status) != 0 { return nil }
      (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
  }

  /// The first thing that could not be removed.
  struct Failure: Error, Equatable {
    /// Below the directory that the tree is in.
    let path: [UInt8]
    let errno: Errno
  }

  private var current: Int32
  private var levels: [Level] = []
  private var failure: Failure?

  /// Removes the directory `name` in an open one. Entries that cannot be removed do not stop the removal of others.
  ///
  /// - Throws: ``Failure``.
  static func remove(_ name: [UInt8], in parent: FileDescriptor) throws(Failure) {
    var removal = TreeRemoval(current: retryOnInterrupt { openat(parent.rawValue, ".", directoryFlags) })
    defer { close(removal.current) }
    if removal.current < 0 { throw Failure(path: name, errno: Errno(rawValue: errno)) }
    removal.removeAll(name)
    if let failure = removal.failure { throw failure }
  }

  private init(current: Int32) {
    self.current = current
  }

  private static let directoryFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW

  private mutating func removeAll(_ name: [UInt8]) {
    let top = Identity(current)
    guard let top, enter(name) else { return note(name) }
    while !levels.isEmpty {
      if let next = levels[levels.count - 1].directories.popLast() {
        if !enter(next) { note(next) }
      } else if !leave(to: levels.count > 1 ? levels[levels.count - 2].identity : top) {
        return
      }
    }
  }

  // MARK: Down

  /// Opens a subdirectory of the current directory, and removes its entries except directories.
  ///
  /// - Returns: false, with an errno, for one that cannot be opened or is on another file system than the first.
  private mutating func enter(_ name: [UInt8]) -> Bool {
    let descriptor = Self.open(name, in: current)
    if descriptor < 0 { return false }
    let identity = Identity(descriptor)
    guard let identity, levels.isEmpty || identity.device == levels[0].identity.device else {
      close(descriptor)
      errno = EXDEV
      return false
    }
    close(current)
    current = descriptor
    levels.append(Level(name: name, identity: identity, directories: []))
    removeFiles()
    return true
  }

  /// Opens a directory, and gives its owner the permissions to change it.
  private static func open(_ name: [UInt8], in directory: Int32) -> Int32 {
    let path = cString(name)
    let descriptor = retryOnInterrupt { openat(directory, path, directoryFlags) }
    if descriptor >= 0 {
      var status = stat()
      if fstat(descriptor, &status) == 0, status.st_mode & S_IRWXU != S_IRWXU { fchmod(descriptor, S_IRWXU) }
      return descriptor
    }
    if errno != EACCES { return -1 }
    // Its owner may not read it. fchmodat(2) would follow a symbolic link; /proc/self/fd leads to the directory that
    // the descriptor names.
    let handle = retryOnInterrupt { openat(directory, path, directoryFlags | pathOnly) }
    if handle < 0 { return -1 }
    defer { close(handle) }
    if chmod("/proc/self/fd/\(handle)", S_IRWXU) != 0 { return -1 }
    return retryOnInterrupt { openat(handle, ".", directoryFlags) }
  }

  /// `O_PATH` of open(2), which the C library declares under `_GNU_SOURCE` only.
  private static let pathOnly: Int32 = 0o10000000

  private mutating func removeFiles() {
    // A separate descriptor: closedir(3) closes it.
    let listed = retryOnInterrupt { openat(current, ".", Self.directoryFlags) }
    guard listed >= 0, let stream = fdopendir(listed) else {
      let reason = errno
      if listed >= 0 { close(listed) }
      return note(nil, Errno(rawValue: reason))
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let (name, type) = Self.read(entry)
      if name == [46] || name == [46, 46] { continue }
      remove(name, isDirectory: type == UInt8(DT_DIR))
    }
  }

  private mutating func remove(_ name: [UInt8], isDirectory: Bool) {
    if !isDirectory {
      if unlinkat(current, Self.cString(name), 0) == 0 || errno == ENOENT { return }
      // Some file systems do not report the type of an entry.
      if errno != EISDIR { return note(name) }
    }
    levels[levels.count - 1].directories.append(name)
  }

  /// The memory of an entry ends after its name, before the end of the structure: only these fields may be read.
  private static func read(_ entry: UnsafeMutablePointer<dirent>) -> (name: [UInt8], type: UInt8) {
    let memory = UnsafeRawPointer(entry)
    let name = memory + MemoryLayout<dirent>.offset(of: \.d_name)!
    let count = strlen(name.assumingMemoryBound(to: CChar.self))
    let type = memory.load(fromByteOffset: MemoryLayout<dirent>.offset(of: \.d_type)!, as: UInt8.self)
    return (Array(UnsafeRawBufferPointer(start: name, count: count)), type)
  }

  // MARK: Up

  /// Returns to the parent directory, and removes the one that it leaves.
  ///
  /// - Returns: false if `..` is another directory than the descent came from.
  private mutating func leave(to parent: Identity) -> Bool {
    let above = retryOnInterrupt { openat(current, "..", Self.directoryFlags) }
    guard above >= 0, Identity(above) == parent else {
      if above >= 0 { close(above) }
      note(nil, .staleNFSFileHandle)
      return false
    }
    close(current)
    current = above
    let name = levels.removeLast().name
    if unlinkat(current, Self.cString(name), AT_REMOVEDIR) != 0 && errno != ENOENT { note(name) }
    return true
  }

  // MARK: Failures

  private mutating func note(_ name: [UInt8]?, _ reason: Errno = Errno(rawValue: errno)) {
    if failure != nil { return }
    let names = levels.map(\.name) + (name.map { [$0] } ?? [])
    failure = Failure(path: Array(names.joined(separator: [UInt8(ascii: "/")])), errno: reason)
  }

  private static func cString(_ name: [UInt8]) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }
}
