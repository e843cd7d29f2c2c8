import Glibc
import IOUring
import LinuxSystem
import SystemPackage

/// A regular file that an engine has opened for reading. The caller closes it with ``FileEngine/close(_:)``.
///
/// A file that is dropped instead is closed on the spot, by the thread that drops it: that may block where a daemon or
/// a server answers.
public struct OpenFile: ~Copyable, Sendable {
  public let reference: FileReference
  /// When the file was opened.
  let status: stat
  /// What it is on.
  let fileSystem: FileSystemKind
  private var owned: OwnedDescriptor
  /// Whether reads go around the page cache (`O_DIRECT`).
  var isDirect = false
  /// Whether the page cache may hold some of it, as far as opening it told.
  var mayBeCached = true
  /// Whether ``isOnDisk`` has said so.
  var isFoundOnDisk = false
  /// The blocking engine's `FileHandle`.
  var handle: (AnyObject & Sendable)?

  /// - Parameter status: the file's, when it was opened.
  init(
    _ reference: FileReference, _ status: stat, _ descriptor: consuming OwnedDescriptor, on fileSystem: FileSystemKind,
    handle: (AnyObject & Sendable)? = nil
  ) {
    (self.reference, self.fileSystem, self.handle) = (reference, fileSystem, handle)
    self.status = status
    owned = descriptor
  }

  /// In bytes, when the file was opened. 0 for the files of /proc that do have contents.
  public var size: Int64 { Int64(status.st_size) }

  /// Which file was opened, whatever its name leads to by now.
  var identity: FileIdentity { FileIdentity(status) }

  /// Lent as long as the file is open, and never to be closed.
  var descriptor: FileDescriptor { owned.descriptor }

  /// Closes the file before its value goes, on this thread; there is nothing to be lost in a file that was only read.
  /// No call may follow. (It does not consume the value, since a closure cannot consume what it captures.)
  package mutating func closeNow() {
    owned.close()
  }

  /// The same where closing the file's ``handle`` closes the descriptor.
  mutating func leaveToHandle() {
    _ = owned.take()
  }
}

/// Opening, for all engines: how, and the checks that follow.
package enum Opening {
  /// `O_NONBLOCK`, since the file may have become a FIFO after the walk saw it, and opening that would wait for a
  /// writer.
  static let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK

  /// Where a listed file was there may be a link by now, which is not to be followed.
  static func flags(for file: FileReference) -> Int32 {
    file.followsSymbolicLink ? flags : flags | O_NOFOLLOW
  }

  /// `O_PATH`, which the C library declares only with `_GNU_SOURCE`: a descriptor that only names the file.
  static let pathOnlyFlags = 0o10000000 | O_CLOEXEC

  /// Opens by the system call; blocks on the disk.
  ///
  /// - Parameters:
  ///   - aroundPageCache: with `O_DIRECT`, if the file system has that.
  ///   - needsFileSystem: whether it matters what the file is on. Two calls more find that out of a path that is given;
  ///     else such a file is taken to be a daemon's, and read until a read finds its end.
  package static func open(
    _ file: FileReference, aroundPageCache: Bool = false, needsFileSystem: Bool = true
  ) throws(FileError) -> OpenFile {
    if !file.isListedAsRegular { try refuseSpecial(file) }
    let descriptor: Int32
    do throws(Errno) {
      descriptor = try file.waitingFor { directory, path in
        openOutwaitingLease(directory, path, flags(for: file) | (aroundPageCache ? PageCache.directFlag : 0))
      }
    } catch {
      if error == .invalidArgument && aroundPageCache {
        let opened = try open(file, needsFileSystem: needsFileSystem)
        PageCache.drop(opened.descriptor.rawValue)
        return opened
      }
      // ENXIO is what open(2) says of a socket, and of a device that is not there; ELOOP of a link that took a file's
      // place.
      let isSpecial = error.rawValue == ENXIO || error.rawValue == ELOOP && !file.followsSymbolicLink
      throw FileError(file, .open, isSpecial ? .notRegular : .system(error))
    }
    var opened = try examine(file, FileDescriptor(rawValue: descriptor), needsFileSystem)
    if aroundPageCache {
      opened.isDirect = opened.endsWhereSaid
      if !opened.isDirect {
        opened.returnToPageCache()
        PageCache.drop(opened.descriptor.rawValue)
      }
    }
    return opened
  }

  /// Opening a FIFO wakes a process that waits at its other end, and opening a device may do anything: a path that was
  /// given is examined first.
  private static func refuseSpecial(_ file: FileReference) throws(FileError) {
    let kind: FileStatus.Kind
    do throws(Errno) {
      kind = FileStatus.Kind(mode: try file.status().st_mode)
    } catch {
      throw FileError(file, .open, .system(error))
    }
    if kind != .regular { throw FileError(file, .open, kind == .directory ? .isDirectory : .notRegular) }
  }

  /// Looks at what was opened; closes it if it is no regular file.
  ///
  /// Blocks: the file system may be asked what it is.
  private static func examine(
    _ file: FileReference, _ descriptor: FileDescriptor, _ needsFileSystem: Bool
  ) throws(FileError) -> OpenFile {
    let status = try statusOfRegular(file, descriptor)
    let fileSystem = fileSystem(of: file, status, descriptor, isNeeded: needsFileSystem)
    let opened = OpenFile(file, status, OwnedDescriptor(descriptor), on: fileSystem)
    opened.keepReadsOffSubmission()
    return opened
  }

  /// The same of a file that was opened where it cannot have been another's, and without blocking.
  ///
  /// - Parameters:
  ///   - fileSystem: what it is on.
  ///   - device: what it is on then. Another file has taken the place of the one that was looked at if it is on
  ///     another.
  static func examine(
    _ file: FileReference, _ descriptor: FileDescriptor, on fileSystem: FileSystemKind, device: UInt64?
  ) throws(FileError) -> OpenFile {
    let status = try statusOfRegular(file, descriptor)
    if device == nil || device == FileIdentity(status).device {
      return OpenFile(file, status, OwnedDescriptor(descriptor), on: fileSystem)
    }
    let kind = identify(descriptor.rawValue).flatMap { FileSystems.kind(ofMount: $0.mount) }
    return OpenFile(file, status, OwnedDescriptor(descriptor), on: kind ?? .daemon)
  }

  /// The status of what was opened; closes it if it is no regular file.
  static func statusOfRegular(_ file: FileReference, _ descriptor: FileDescriptor) throws(FileError) -> stat {
    var status = stat()
    let result = fstat(descriptor.rawValue, &status)
    let cause: FileError.Cause
    if result != 0 {
      cause = .system(Errno(rawValue: errno))
    } else if status.st_mode & S_IFMT == S_IFREG {
      return status
    } else {
      cause = status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .notRegular
    }
    try? descriptor.close()
    throw FileError(file, .open, cause)
  }

  /// What an open file is on: the same as its directory, but where something is mounted. (The directory's descriptor
  /// was open when the file's was.) Blocks if it is needed.
  static func fileSystem(
    of file: FileReference, _ status: stat, _ descriptor: FileDescriptor, isNeeded: Bool
  ) -> FileSystemKind {
    let device = FileIdentity(status).device
    if let known = file.directory.fileSystem, file.directory.kept?.identity?.device == device { return known }
    return isNeeded ? FileSystems.kind(of: descriptor, identify(descriptor.rawValue)) : .daemon
  }
}

extension OpenFile {
  /// Throws if the file is not to be read.
  package func refuse(_ excluded: [FileIdentity]) throws(FileError) {
    if excluded.contains(identity) { throw FileError(reference, .open, .excluded) }
  }

  /// Sets `O_DIRECT`. False if the file system refuses, having no such thing: the page cache is used then.
  @discardableResult
  mutating func goAroundPageCache() -> Bool {
    if endsWhereSaid { isDirect = changeFlags { $0 | PageCache.directFlag } }
    return isDirect
  }

  /// Clears `O_DIRECT`, for what cannot be read with it: from an offset between two blocks, as in a file that has grown
  /// while it was read, or where the file system says so only now.
  func returnToPageCache() {
    changeFlags { $0 & ~PageCache.directFlag }
  }

  /// Clears `O_NONBLOCK`, where the ring must not try to read on the thread that submits
  /// (``FileSystemKind/readsBlockSubmission``).
  func keepReadsOffSubmission() {
    if fileSystem.readsBlockSubmission { changeFlags { $0 & ~O_NONBLOCK } }
  }

  /// Changes the flags of the open file. False if the file system refuses.
  @discardableResult
  private func changeFlags(_ change: (Int32) -> Int32) -> Bool {
    let flags = fcntl(descriptor.rawValue, F_GETFL)
    return flags >= 0 && fcntl(descriptor.rawValue, F_SETFL, change(flags)) == 0
  }

  /// Whether a read from `offset` must first give up `O_DIRECT`.
  func isMisaligned(_ offset: Int64) -> Bool {
    isDirect && offset % Int64(IOBuffer.alignment) != 0
  }

  /// How many bytes to ask for at once. With `O_DIRECT` the kernel maps all of the memory that it is given, and fills
  /// with zeros what is left behind the end of the file. One byte more than there should be tells whether the file has
  /// grown.
  func request(of buffer: IOBuffer, at offset: Int64) -> Int {
    if !isDirect || offset > size || size - offset >= Int64(buffer.capacity) { return buffer.capacity }
    let blocks = (size - offset) / Int64(IOBuffer.alignment) + 1
    return Int(min(Int64(buffer.capacity), blocks * Int64(IOBuffer.alignment)))
  }

  /// pread(2); blocks on the disk.
  package func readBlocking(into buffer: IOBuffer, at offset: Int64) throws(FileError) -> Int {
    if isMisaligned(offset) { returnToPageCache() }
    var count = readOnce(into: buffer, at: offset)
    if count < 0 && errno == EINVAL && isDirect {
      returnToPageCache()
      count = readOnce(into: buffer, at: offset)
    }
    if count < 0 { throw FileError(reference, .read, offset: offset, .system(Errno(rawValue: errno))) }
    return count
  }

  private func readOnce(into buffer: IOBuffer, at offset: Int64) -> Int {
    let count = request(of: buffer, at: offset)
    return buffer.fill { bytes, _ in retryOnInterrupt { pread(descriptor.rawValue, bytes, count, off_t(offset)) } }
  }
}
