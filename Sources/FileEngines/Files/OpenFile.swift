import Glibc
import IOUring
import SystemPackage

/// A regular file that an engine has opened for reading. Whoever opened it closes it with ``FileEngine/close(_:)``.
public struct OpenFile: Sendable {
  public let reference: FileReference
  /// In bytes, when the file was opened. 0 for the files of /proc that do have contents.
  public let size: Int64
  /// What it is on, as fstat(2) numbers them.
  let device: UInt64
  let descriptor: FileDescriptor
  /// Whether reads go around the page cache (`O_DIRECT`).
  var isDirect = false
  /// Whether the page cache may hold some of it, as far as opening it told.
  var mayBeCached = true
  /// The blocking engine's `FileHandle`.
  var handle: (AnyObject & Sendable)?

  /// - Parameter status: the file's, when it was opened.
  init(
    _ reference: FileReference, _ status: stat, _ descriptor: FileDescriptor, handle: (AnyObject & Sendable)? = nil
  ) {
    (self.reference, self.descriptor, self.handle) = (reference, descriptor, handle)
    (size, device) = (Int64(status.st_size), UInt64(status.st_dev))
  }
}

/// Opening, for all engines: how, and the checks that follow.
package enum Opening {
  /// `O_NONBLOCK`, since the file may have become a FIFO after the walk saw it, and opening that would wait for a writer.
  static let flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK

  /// Where a listed file was there may be a link by now, which is not to be followed.
  static func flags(for file: FileReference) -> Int32 {
    file.isListedAsRegular ? flags | O_NOFOLLOW : flags
  }

  /// `O_PATH`, which the C library shows only to those who ask for GNU's extensions: a descriptor that only names the file.
  static let pathOnlyFlags = 0o10000000 | O_CLOEXEC

  /// Opens by the system call; blocks on the disk.
  ///
  /// - Parameter aroundPageCache: with `O_DIRECT`, if the file system has that.
  package static func open(_ file: FileReference, aroundPageCache: Bool = false) throws(FileError) -> OpenFile {
    if !file.isListedAsRegular { try refuseSpecial(file) }
    let descriptor: Int32
    do throws(Errno) {
      descriptor = try file.waitingFor { directory, path in
        openOutwaitingLease(directory, path, flags(for: file) | (aroundPageCache ? PageCache.directFlag : 0))
      }
    } catch {
      if error == .invalidArgument && aroundPageCache { return try open(file) }
      // ENXIO is what open(2) says of a socket, and of a device that is not there; ELOOP of a link that took a file's place.
      let isSpecial = error.rawValue == ENXIO || error.rawValue == ELOOP && file.isListedAsRegular
      throw FileError(file, .open, isSpecial ? .notRegular : .system(error))
    }
    var opened = try examine(file, FileDescriptor(rawValue: descriptor))
    opened.isDirect = aroundPageCache
    return opened
  }

  /// Opening a FIFO wakes who waits at its other end, and opening a device may do anything: a path that somebody gave is looked
  /// at first.
  private static func refuseSpecial(_ file: FileReference) throws(FileError) {
    switch file.kindFollowingLinks() {
    case .success(.regular): return
    case .success(.directory): throw FileError(file, .open, .isDirectory)
    case .success: throw FileError(file, .open, .notRegular)
    case .failure(let errno): throw FileError(file, .open, .system(errno))
    }
  }

  /// Looks at what was opened; closes it if it is no regular file.
  static func examine(_ file: FileReference, _ descriptor: FileDescriptor) throws(FileError) -> OpenFile {
    var status = stat()
    let result = fstat(descriptor.rawValue, &status)
    let cause: FileError.Cause
    if result != 0 {
      cause = .system(Errno(rawValue: errno))
    } else if status.st_mode & S_IFMT == S_IFREG {
      return OpenFile(file, status, descriptor)
    } else {
      cause = status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .notRegular
    }
    try? descriptor.close()
    throw FileError(file, .open, cause)
  }
}

extension OpenFile {
  /// Gives the descriptor back; there is nothing to be lost in a file that was only read.
  package func closeAfterReading() {
    try? descriptor.close()
  }

  /// Sets `O_DIRECT`. A file system that has no such thing refuses, and the page cache is used.
  mutating func goAroundPageCache() {
    let flags = fcntl(descriptor.rawValue, F_GETFL)
    isDirect = flags >= 0 && fcntl(descriptor.rawValue, F_SETFL, flags | PageCache.directFlag) == 0
  }

  /// Clears `O_DIRECT`, for what cannot be read with it: from an offset between two blocks, as in a file that has grown while
  /// it was read, or where the file system says so only now.
  func returnToPageCache() {
    let flags = fcntl(descriptor.rawValue, F_GETFL)
    if flags >= 0 { _ = fcntl(descriptor.rawValue, F_SETFL, flags & ~PageCache.directFlag) }
  }

  /// Whether a read from `offset` must first give up `O_DIRECT`.
  func isMisaligned(_ offset: Int64) -> Bool {
    isDirect && offset % Int64(IOBuffer.alignment) != 0
  }

  /// How many bytes to ask for at once. With `O_DIRECT` the kernel maps all of the memory that it is given, and fills with zeros
  /// what is left behind the end of the file. One byte more than there should be tells whether the file has grown.
  func request(of buffer: IOBuffer, at offset: Int64) -> Int {
    if !isDirect || offset > size { return buffer.capacity }
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
    buffer.withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes { bytes in
        let count = request(of: buffer, at: offset)
        return retryOnInterrupt { pread(descriptor.rawValue, bytes.baseAddress, count, off_t(offset)) }
      }
    }
  }
}

/// The answer of a system call, called again as long as a signal interrupts it; a negated errno if it fails.
func negatedErrno(_ call: () -> Int32) -> Int32 {
  let result = retryOnInterrupt(call)
  return result == -1 ? -errno : result
}

/// Calls `body` again as long as a signal interrupts it.
func retryOnInterrupt<Result: SignedInteger>(_ body: () -> Result) -> Result {
  while true {
    let result = body()
    if result != -1 || errno != EINTR { return result }
  }
}
