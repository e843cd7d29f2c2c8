import Glibc
import IOUring
import SystemPackage

/// A directory that files are named in: a path, the names, and, where there is one to spare, an open descriptor.
///
/// Opening by descriptor and name spares the kernel walking the whole path for each file. The descriptor is closed with the
/// last reference to the directory or to one of its files.
public final class DirectoryReference: Sendable {
  /// What comes before a name in a path: empty, or ending in a slash.
  public let prefix: [UInt8]
  /// The names, each with a NUL behind it.
  let names: [UInt8]
  /// Nil if the files must be opened by their whole path.
  let descriptor: FileDescriptor?

  /// - Parameters:
  ///   - prefix: the bytes that come before a name in a path; empty, or ending in a slash.
  ///   - names: names without slashes, each with a NUL behind it.
  public init(prefix: [UInt8], names: [UInt8]) {
    self.prefix = prefix
    self.names = names
    descriptor = nil
  }

  /// A directory that is open. Its descriptor is kept and closed by this object; or closed at once, if too many are kept
  /// already (``DirectoryDescriptors``).
  public init(prefix: [UInt8], names: [UInt8], opened: FileDescriptor) {
    self.prefix = prefix
    self.names = names
    if DirectoryDescriptors.claim() {
      descriptor = opened
    } else {
      try? opened.close()
      descriptor = nil
    }
  }

  deinit {
    if let descriptor {
      try? descriptor.close()
      DirectoryDescriptors.release()
    }
  }
}

/// A file to be opened: a name in a directory. Making one allocates nothing.
public struct FileReference: Sendable {
  public let directory: DirectoryReference
  /// Where the name stands among the directory's names.
  private let start: UInt32
  private let count: UInt32
  /// The inode's number as the directory that lists the file gives it, or 0. Neighbours by number are neighbours on most disks.
  public let inode: UInt64

  /// The name of `count` bytes that begins at `start` among the names of `directory`.
  public init(in directory: DirectoryReference, start: Int, count: Int, inode: UInt64) {
    self.directory = directory
    self.start = UInt32(start)
    self.count = UInt32(count)
    self.inode = inode
  }

  /// A file by its path, relative to the working directory if it does not begin with a slash. The path has no NUL.
  public init(path: some Collection<UInt8>, inode: UInt64 = 0) {
    self.init(
      in: DirectoryReference(prefix: [], names: path + [0]), start: 0, count: path.count, inode: inode)
  }

  /// Whether a directory has listed it as a regular file. A path that somebody gave may lead to anything.
  var isListedAsRegular: Bool { inode != 0 }

  /// The path, byte for byte: names need not be UTF-8.
  public var path: [UInt8] {
    var path = directory.prefix
    path.reserveCapacity(path.count + Int(count))
    appendName(to: &path)
    return path
  }

  /// Appends the path to `bytes`.
  public func appendPath(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: directory.prefix)
    appendName(to: &bytes)
  }

  private func appendName(to bytes: inout [UInt8]) {
    bytes.append(contentsOf: directory.names[Int(start)..<Int(start + count)])
  }

  /// Calls `body` with what openat(2) wants: a directory's descriptor or `AT_FDCWD`, and a path relative to it.
  func withRelativePath<R>(_ body: (_ directory: Int32, _ path: UnsafePointer<CChar>) -> R) -> R {
    if let descriptor = directory.descriptor {
      return directory.names.withCString(from: Int(start)) { body(descriptor.rawValue, $0) }
    }
    if directory.prefix.isEmpty {
      return directory.names.withCString(from: Int(start)) { body(AT_FDCWD, $0) }
    }
    return (path + [0]).withCString(from: 0) { body(AT_FDCWD, $0) }
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

  /// Opens the directory that has this name; blocks on the disk.
  public func openDirectory(followSymbolicLink: Bool) -> Result<FileDescriptor, Errno> {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | (followSymbolicLink ? 0 : O_NOFOLLOW)
    // The name may have a slash behind it, with which O_NOFOLLOW would have no effect: the path stops before it.
    let descriptor = FileReference(path: relativeName).withRelativePath { _, name in
      retryOnInterrupt { openat(directoryDescriptor, name, flags) }
    }
    return descriptor < 0 ? .failure(Errno(rawValue: errno)) : .success(FileDescriptor(rawValue: descriptor))
  }

  /// What the path leads to; blocks on the disk.
  public func kindFollowingLinks() -> Result<FileStatus.Kind, Errno> {
    var status = stat()
    let result = withRelativePath { fstatat($0, $1, &status, 0) }
    return result == 0 ? .success(FileStatus.Kind(mode: status.st_mode)) : .failure(Errno(rawValue: errno))
  }

  /// The size in bytes, if it is a regular file: for a listed one, not through a link that has taken its place.
  var sizeOfRegularFile: Int64? {
    var status = stat()
    let result = withRelativePath { fstatat($0, $1, &status, isListedAsRegular ? AT_SYMLINK_NOFOLLOW : 0) }
    return result == 0 && status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
  }

  private var directoryDescriptor: Int32 { directory.descriptor?.rawValue ?? AT_FDCWD }

  /// What openat(2) wants beside ``directoryDescriptor``.
  private var relativeName: [UInt8] {
    directory.descriptor == nil ? path : Array(path.dropFirst(directory.prefix.count))
  }
}

extension [UInt8] {
  /// Calls `body` with the NUL-terminated string that begins at `start`. The pointer is valid during the call.
  fileprivate func withCString<R>(from start: Int, _ body: (UnsafePointer<CChar>) -> R) -> R {
    withUnsafeBufferPointer { bytes in
      bytes[start...].withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }
}

extension FileReference: CustomStringConvertible {
  /// The path, with what is not UTF-8 replaced: for people, not for opening.
  public var description: String { String(decoding: path, as: UTF8.self) }
}
