import Glibc
import IOUring
import LinuxSystem
import SystemPackage

// The system calls behind FileWriting. All of them block on the disk.

extension WritableFile {
  /// As for reading: `O_NONBLOCK` against a FIFO that takes the file's place after it was looked at.
  private static let flags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW

  static func open(
    _ file: FileReference, _ mode: WritingMode, _ permissions: FilePermissions
  ) throws(FileError) -> WritableFile {
    let extra =
      switch mode {
      case .existing: Int32(0)
      case .create: O_CREAT
      case .createExclusively: O_CREAT | O_EXCL
      case .append: O_CREAT | O_APPEND
      }
    // Opening a FIFO wakes who waits at its other end: it is looked at first. An exclusive creation opens nothing.
    if mode != .createExclusively { try refuseSpecial(file) }
    let descriptor: Int32
    do throws(Errno) {
      descriptor = try file.waitingFor { directory, path in
        Opening.openOutwaitingLease(directory, path, flags | extra, permissions.rawValue)
      }
    } catch {
      throw FileError(file, .open, Cause(openingFailedWith: error.rawValue))
    }
    // The checks are those of a file that is read.
    let opened = FileDescriptor(rawValue: descriptor)
    _ = try Opening.statusOfRegular(file, opened)
    return WritableFile(reference: file, descriptor: opened)
  }

  private static func refuseSpecial(_ file: FileReference) throws(FileError) {
    var status = stat()
    // What is not there, or cannot be looked at, open(2) has the right error for.
    let isThere = try? file.withRelativePath { fstatat($0, $1, &status, AT_SYMLINK_NOFOLLOW) }
    if isThere != 0 { return }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return
    case S_IFLNK: throw FileError(file, .open, .isSymbolicLink)
    case S_IFDIR: throw FileError(file, .open, .isDirectory)
    default: throw FileError(file, .open, .notRegular)
    }
  }

  /// One pwrite(2), short or not.
  package func writeOnce(_ buffer: IOBuffer, _ range: Range<Int>, at offset: Int64) throws(FileError) -> Int {
    try buffer.withBytes(range.upperBound) { bytes throws(FileError) in
      try writeOnce(bytes.extracting(range), at: offset)
    }
  }

  package func writeOnce(_ bytes: RawSpan, at offset: Int64) throws(FileError) -> Int {
    let count = bytes.withUnsafeBytes { bytes in
      retryOnInterrupt { pwrite(descriptor.rawValue, bytes.baseAddress, bytes.count, off_t(offset)) }
    }
    return try checked(count, of: bytes.byteCount, at: offset)
  }

  /// One write(2) at the end.
  package func appendOnce(_ buffer: IOBuffer, _ range: Range<Int>) throws(FileError) -> Int {
    let count = buffer.withBytes(range.upperBound) { bytes in
      bytes.extracting(range).withUnsafeBytes { bytes in
        retryOnInterrupt { Glibc.write(descriptor.rawValue, bytes.baseAddress, bytes.count) }
      }
    }
    return try checked(count, of: range.count, at: nil)
  }

  private func checked(_ count: Int, of wanted: Int, at offset: Int64?) throws(FileError) -> Int {
    let code = errno
    if count < 0 { throw FileError(reference, .write, offset: offset, .system(Errno(rawValue: code))) }
    // No file system should; who continues short writes would go on for ever.
    if count == 0 && wanted > 0 { throw FileError(reference, .write, offset: offset, .system(.ioError)) }
    return count
  }

  /// As many writes as it takes.
  func writeAll(_ bytes: RawSpan, at offset: Int64) throws(FileError) {
    var written = 0
    while written < bytes.byteCount {
      written += try writeOnce(bytes.extracting(written..<bytes.byteCount), at: offset + Int64(written))
    }
  }

  func synchronize(dataOnly: Bool) throws(FileError) {
    try check(.sync) { dataOnly ? fdatasync(descriptor.rawValue) : fsync(descriptor.rawValue) }
  }

  func setSize(_ size: Int64) throws(FileError) {
    try check(.truncate) { ftruncate(descriptor.rawValue, off_t(size)) }
  }

  /// Not again after EINTR: Linux has given the descriptor back by then, close(2).
  package mutating func closeReportingErrors() throws(FileError) {
    let code = Glibc.close(takeDescriptor().rawValue) == 0 ? 0 : errno
    if code != 0 && code != EINTR {
      throw FileError(reference, .close, .system(Errno(rawValue: code)))
    }
  }

  /// Has the file system report what close(2) would, and keeps the file open: it looks at every close of a descriptor.
  /// False if there is none to be had for that, and it was not asked.
  func reportErrorsOfClosing() throws(FileError) -> Bool {
    let duplicate: FileDescriptor
    do throws(Errno) {
      duplicate = try DescriptorShortage.opening { negatedErrno { fcntl(descriptor.rawValue, F_DUPFD_CLOEXEC, 0) } }
    } catch {
      if error.isShortage { return false }
      throw FileError(reference, .close, .system(error))
    }
    try check(.close) { Glibc.close(duplicate.rawValue) == 0 || errno == EINTR ? 0 : -1 }
    return true
  }

  /// Makes a call that answers 0, again if a signal interrupts it.
  func check(_ operation: FileError.Operation, _ call: () -> Int32) throws(FileError) {
    let code = retryOnInterrupt(call) == 0 ? 0 : errno
    if code != 0 { throw FileError(reference, operation, .system(Errno(rawValue: code))) }
  }

  private typealias Cause = FileError.Cause
}

extension FileError.Cause {
  /// What open(2) with `O_NOFOLLOW` for writing means by an errno. `ENXIO`: a FIFO that nobody reads, or a socket.
  fileprivate init(openingFailedWith code: Int32) {
    switch code {
    case ELOOP: self = .isSymbolicLink
    case EISDIR: self = .isDirectory
    case ENXIO: self = .notRegular
    default: self = .system(Errno(rawValue: code))
    }
  }
}
