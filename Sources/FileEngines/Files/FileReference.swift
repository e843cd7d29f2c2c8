import Glibc
import IOUring
import SystemPackage

/// A file to be opened: a name in a directory. Making one allocates nothing.
public struct FileReference: Sendable {
  public let directory: DirectoryReference
  /// Where the name stands among the directory's names.
  let start: UInt32
  let count: UInt32
  /// The inode's number as the directory that lists the file gives it, or 0. Neighbours by number are neighbours on most disks.
  public let inode: UInt64

  /// The name of `count` bytes that begins at `start` among the names of `directory`.
  package init(in directory: DirectoryReference, start: Int, count: Int, inode: UInt64) {
    precondition(start >= 0 && count >= 0 && start + count < directory.names.count, "no name of the directory")
    self.directory = directory
    self.start = UInt32(start)
    self.count = UInt32(count)
    self.inode = inode
  }

  /// A file by its path, relative to the working directory if it does not begin with a slash. The path has no NUL.
  public init(path: some Collection<UInt8>, inode: UInt64 = 0) {
    self.init(in: DirectoryReference(paths: path + [0]), start: 0, count: path.count, inode: inode)
  }

  /// Whether a directory has listed it as a regular file. A path that somebody gave may lead to anything.
  var isListedAsRegular: Bool { inode != 0 }
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
    // To be filled from behind. An array is appended whole; of any other collection a debug build makes a call for each byte.
    bytes += [UInt8](repeating: 0, count: directory.prefixCount)
    directory.fillPrefix(in: &bytes, before: bytes.count)
    appendName(to: &bytes)
  }

  func appendName(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: directory.names[Int(start)..<Int(start + count)])
  }

  /// How long the path is.
  var pathCount: Int { directory.prefixCount + Int(count) }

  var endsInSlash: Bool { count > 0 && directory.names[Int(start + count) - 1] == UInt8(ascii: "/") }
}

extension FileReference {
  /// Calls `body` with the name, or the path, where the directory's names are paths.
  func withName<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
    directory.names.withCString(from: Int(start), body)
  }

  /// Calls `body` with what openat(2) wants: a directory's descriptor or `AT_FDCWD`, and a path relative to it. The descriptor
  /// is the caller's during the call.
  ///
  /// - Throws: what reaching the directory again says, where it is open no longer (``DirectoryReference``).
  func withRelativePath<R>(
    _ lookup: Lookup = .waiting, _ body: (_ directory: Int32, _ path: UnsafePointer<CChar>) -> R
  ) throws(Errno) -> R {
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
  /// Asks the kernel to forget the file's pages, as far as they are clean (posix_fadvise(2)). Blocks on the disk; what cannot
  /// be opened is passed by.
  public func dropFromPageCache() {
    guard let file = try? Opening.open(self) else { return }
    PageCache.drop(file.descriptor.rawValue)
    try? file.descriptor.close()
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
    try status(isListedAsRegular ? AT_SYMLINK_NOFOLLOW : 0)
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
