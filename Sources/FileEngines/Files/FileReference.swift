import Glibc
import LinuxSystem
import SystemPackage

/// A file to be opened: a name in a directory. Making one allocates nothing.
public struct FileReference: Sendable {
  public let directory: DirectoryReference
  /// Where the name stands among the directory's names.
  let start: UInt32
  let count: UInt32
  /// The inode's number as the directory that lists the file gives it, that of the file that a link leads to if the
  /// walk has followed it, or 0. Neighbours by number are neighbours on most disks.
  public let inode: UInt64
  /// What the directory that lists the file says it is. Nil for a path that was given, and for a symbolic link that a
  /// walk has followed: these may lead to anything, are examined before they are opened, and followed if they are
  /// symbolic links. A name that was listed as a regular file is opened at once, and a link that has taken its place is
  /// refused. What was listed as anything else is examined without following it, and refused unless a regular file has
  /// taken its place.
  public let listedKind: FileStatus.Kind?

  /// The name of `count` bytes that begins at `start` among the names of `directory`.
  package init(
    in directory: DirectoryReference, start: Int, count: Int, inode: UInt64, listedKind: FileStatus.Kind? = nil
  ) {
    precondition(start >= 0 && count >= 0 && start + count < directory.names.count, "no name of the directory")
    self.directory = directory
    self.start = UInt32(start)
    self.count = UInt32(count)
    self.inode = inode
    self.listedKind = listedKind
  }

  /// A file by its path, relative to the working directory if it does not begin with a slash.
  ///
  /// No file has a NUL in its path, and a system call would take what is before the NUL for the whole: every call that
  /// is given such a file fails with ``FileError/Cause/nulInPath``, or with `EINVAL` where errors are of `Errno`.
  ///
  /// - Parameter inode: only orders files; 0 if it is not known.
  public init(path: some Collection<UInt8>, inode: UInt64 = 0) {
    self.init(path: path, inode: inode, listedKind: nil)
  }

  package init(path: some Collection<UInt8>, inode: UInt64, listedKind: FileStatus.Kind?) {
    self.init(
      in: DirectoryReference(paths: path + [0]), start: 0, count: path.count, inode: inode, listedKind: listedKind)
  }

  var isListedAsRegular: Bool { listedKind == .regular }

  /// Whether a symbolic link is followed where the file is opened or examined.
  var followsSymbolicLink: Bool { listedKind == nil }
}

extension FileReference {
  /// The path, byte for byte: names need not be UTF-8. It is put together anew at each call.
  public var path: [UInt8] {
    var path: [UInt8] = []
    appendPath(to: &path)
    return path
  }

  /// Appends the path to `bytes`.
  public func appendPath(to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + pathCount)
    // To be filled from behind. An array is appended whole; of any other collection a debug build makes a call for each
    // byte.
    bytes += [UInt8](repeating: 0, count: directory.prefixCount)
    directory.fillPrefix(in: &bytes, before: bytes.count)
    appendName(to: &bytes)
  }

  func appendName(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: directory.names[Int(start)..<Int(start + count)])
  }

  /// The last component of the path, byte for byte, without slashes behind it; `/` of a path that has nothing else.
  public var name: [UInt8] {
    let slash = UInt8(ascii: "/")
    let whole = directory.names[Int(start)..<Int(start + count)]
    // A name that was listed has no slashes.
    if directory.kept != nil { return Array(whole) }
    guard let last = whole.lastIndex(where: { $0 != slash }) else { return Array(whole.prefix(1)) }
    let first = whole[...last].lastIndex(of: slash).map { $0 + 1 } ?? whole.startIndex
    return Array(whole[first...last])
  }

  /// The path below the root of the walk that has listed it; of a path that was given its last name.
  package var pathBelowRoot: [UInt8] {
    guard directory.kept != nil else {
      let name = name
      return name == [UInt8(ascii: "/")] ? [] : name
    }
    if let below = directory.shortPathBelowRoot {
      return below + directory.names[Int(start)..<Int(start + count)]
    }
    let root = directory.rootOfWalk
    let prefixCount = directory.prefixCount - root.prefixCount
    var path: [UInt8] = []
    path.reserveCapacity(prefixCount + Int(count))
    path += repeatElement(0, count: prefixCount)
    directory.fillPrefix(in: &path, before: prefixCount, below: root)
    appendName(to: &path)
    return path
  }

  /// How long the path is, in bytes.
  public var pathCount: Int { directory.prefixCount + Int(count) }

  var endsInSlash: Bool { count > 0 && directory.names[Int(start + count) - 1] == UInt8(ascii: "/") }
}

extension FileReference {
  /// Whether the C string that a system call gets would end before the path does, and so name another file. Only a path
  /// that was given can have a NUL: the kernel ends the names that it lists with one.
  var hasNUL: Bool { directory.kept == nil && withName { strlen($0) } < Int(count) }

  /// Calls `body` with the name, or the path, where the directory's names are paths. Where ``hasNUL`` has not been
  /// looked at the kernel must not see it.
  func withName<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
    directory.names.withCString(from: Int(start), body)
  }

  /// Calls `body` with what openat(2) wants: a directory's descriptor or `AT_FDCWD`, and a path relative to it. The
  /// descriptor is the caller's during the call.
  ///
  /// - Throws: what reaching the directory again says, where it is open no longer (``DirectoryReference``), and where a
  ///   path is longer than the kernel takes; `EINVAL` for a path with a NUL.
  func withRelativePath<R>(
    _ lookup: Lookup = .waiting, _ body: (_ directory: Int32, _ path: UnsafePointer<CChar>) -> R
  ) throws(Errno) -> R {
    if hasNUL { throw .invalidArgument }
    if count > LongPath.longest { return try withLongPath(lookup, body) }
    let place = try directory.borrow(lookup)
    return withName { body(place.descriptor, $0) }
  }

  /// The same for a system call that may wait for the disk.
  ///
  /// - Parameter call: answers a negated errno if it fails.
  func waitingFor(
    _ call: (_ directory: Int32, _ path: UnsafePointer<CChar>) -> Int32
  ) throws(Errno) -> Int32 {
    let result = try withRelativePath(.waiting) { directory, path in
      DescriptorShortage.givingUpOthers { call(directory, path) }
    }
    if result < 0 { throw Errno(rawValue: -result) }
    return result
  }
}

extension FileReference {
  /// Asks the kernel to forget the file's pages, as far as they are clean (posix_fadvise(2)). Blocks on the disk; what
  /// cannot be opened is passed by.
  public func dropFromPageCache() {
    guard let file = try? Opening.open(self, needsFileSystem: false) else { return }
    PageCache.drop(file.descriptor.rawValue)
  }

  /// Whether a call that needs the name is likely to wait for a daemon, a server or a disk. Never waits itself; where
  /// neither a daemon nor a server has anything mounted it makes no call and says no.
  package var isLikelyToWait: Bool {
    if directory.callsMayWait { return true }
    if !FileSystems.isAnySlow { return false }
    let descriptor = try? withRelativePath(.cachedOnly) { directory, path in
      DescriptorReserve.withHeadroom { openCached(directory, path, Opening.pathOnlyFlags) }
    }
    guard let descriptor, descriptor >= 0 else { return true }
    defer { _ = Glibc.close(descriptor) }
    guard let found = identify(descriptor), let kind = FileSystems.kind(ofMount: found.mount) else { return true }
    return kind.callsMayWait
  }

  /// Opens the directory that has this name; blocks on the disk, and where descriptors have run out until there is one.
  public func openDirectory(followSymbolicLink: Bool) -> Result<FileDescriptor, Errno> {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (followSymbolicLink ? 0 : O_NOFOLLOW)
    return Result { () throws(Errno) in
      let descriptor = try DescriptorShortage.makingRoom { () throws(Errno) in
        try waitingFor { directory, name in negatedErrno { openat(directory, name, flags) } }
      }
      return FileDescriptor(rawValue: descriptor)
    }
  }

  /// What the path leads to; blocks on the disk.
  public func kindFollowingLinks() -> Result<FileStatus.Kind, Errno> {
    Result { () throws(Errno) in FileStatus.Kind(mode: try status(0).st_mode) }
  }

  /// What stat(2) says of it: for a listed file, not of what a link leads to that has taken its place.
  func status() throws(Errno) -> stat {
    try status(followsSymbolicLink ? 0 : AT_SYMLINK_NOFOLLOW)
  }

  /// What statx(2) says of it, likewise. Blocks on the disk.
  package func status(into memory: FileStatus.Memory) throws(Errno) -> FileStatus {
    _ = try waitingFor { directory, name in
      retryOnNegatedInterrupt {
        readStatus(directory, name, followSymbolicLink: followsSymbolicLink, into: memory)
      }
    }
    return memory.status
  }

  private func status(_ flags: Int32) throws(Errno) -> stat {
    var status = stat()
    _ = try waitingFor { directory, name in negatedErrno { fstatat(directory, name, &status, flags) } }
    return status
  }
}

extension FileReference: CustomStringConvertible {
  /// The path, with what is not UTF-8 replaced: for people, not for opening.
  public var description: String { String(decoding: path, as: UTF8.self) }
}
