import Glibc
import IOUring
import LinuxSystem
import SystemPackage

/// An engine that moves the bytes of a copy itself, where the others leave that to the kernel.
protocol ByteTransferring {
  /// - Parameters:
  ///   - source: stays open as long as the value is used; so does `target`.
  func transfer(from source: borrowing OpenFile, to target: borrowing WritableFile) -> any ByteTransfer
}

/// How the bytes of one copy are moved. The calls block on the disk.
protocol ByteTransfer {
  /// Moves bytes from a place in the source to the same place in the target. Between two calls the source's descriptor
  /// may be moved to another place.
  ///
  /// - Returns: how many; 0 at the end of the source.
  func move(at offset: Int64) throws(FileError) -> Int
}

/// One copy of a file, piece by piece. Its calls block on the disk.
package final class FileCopy {
  /// How many bytes are copied before the thread is let go and the task looked at: some 10 ms of a fast disk. A guess.
  static let pieceSize = 16 * 1024 * 1024

  private enum Method {
    case withinKernel
    case throughBuffer
    case by(any ByteTransfer)
  }

  private var source: OpenFile
  private let status: stat
  private var target: TemporaryFile
  private let options: FileCopyOptions
  private var method: Method
  private let bufferSize: Int
  private lazy var buffer = IOBuffer(capacity: bufferSize)
  /// How many bytes are copied.
  package private(set) var offset: Int64 = 0

  /// Opens the source and makes the temporary file.
  package convenience init(
    from source: FileReference, to target: FileReference, _ options: FileCopyOptions, bufferSize: Int
  ) throws(FileError) {
    try self.init(from: source, to: target, options, bufferSize: bufferSize, by: nil)
  }

  convenience init(
    from source: FileReference, to target: FileReference, _ options: FileCopyOptions, bufferSize: Int,
    by mover: (any ByteTransferring)?
  ) throws(FileError) {
    let place = try TargetPlace(target, isSynchronized: options.durability == .fileAndDirectory)
    try self.init(from: source, to: place, options, bufferSize: bufferSize, by: mover)
  }

  /// - Parameters:
  ///   - excluded: files that are not copied.
  ///   - mover: moves the bytes; nil for the kernel, or a buffer here where that cannot.
  init(
    from source: FileReference, to place: TargetPlace, excluding excluded: [FileIdentity] = [],
    _ options: FileCopyOptions, bufferSize: Int, by mover: (any ByteTransferring)?
  ) throws(FileError) {
    let opened = try Opening.open(source, needsFileSystem: false)
    try opened.refuse(excluded)
    status = try Self.status(opened)
    // Another file has taken the place of the one that they are of.
    if let attributes = options.attributes, !attributes.mayBeGiven(toCopyOf: status) {
      throw FileError(source, .copy, .system(.staleNFSFileHandle))
    }
    if let replaced = try place.replaceable(options.replacesExisting),
      replaced.st_dev == status.st_dev && replaced.st_ino == status.st_ino
    {
      throw FileError(place.target, .copy, .sameFile)
    }
    // The owner goes first: changing it takes the set-user-ID bits away.
    // Attributes without permissions leave those to the umask.
    let permissions =
      options.attributes.map { $0.permissions != nil } ?? true
      ? FilePermissions(rawValue: status.st_mode & (options.preservesOwnership ? 0o7777 : 0o777)) : nil
    var writing = FileWriteOptions(replacesExisting: options.replacesExisting, durability: options.durability)
    writing.needsHiddenName = options.needsHiddenName
    writing.attributes = options.attributes
    let made = try TemporaryFile.make(at: place, permissions, writing)
    if let mover { method = .by(mover.transfer(from: opened, to: made.file)) } else { method = .withinKernel }
    self.target = made
    self.source = opened
    self.options = options
    self.bufferSize = bufferSize
  }

  private static func status(_ file: borrowing OpenFile) throws(FileError) -> stat {
    var status = stat()
    if fstat(file.descriptor.rawValue, &status) != 0 {
      let code = errno
      throw FileError(file.reference, .stat, .system(Errno(rawValue: code)))
    }
    return status
  }

  /// Copies a piece, and publishes the copy after the last. False if there is more to do. After an error nothing is
  /// left of the copy, and nothing may be called any more.
  package func advance(
    atMost count: Int = pieceSize, isCancelled: Bool = Task.isCancelled
  ) throws(FileError) -> Bool {
    do throws(FileError) {
      if isCancelled { throw FileError(target.file.reference, .copy, offset: offset, .cancelled) }
      if try !copyPiece(count) { return false }
      try copyAttributes()
    } catch {
      discard()
      throw error
    }
    source.closeNow()
    try target.publish()
    return true
  }

  /// Gives up.
  package func discard() {
    source.closeNow()
    target.discard()
  }

  // MARK: The contents

  /// Whether that was the last piece.
  private func copyPiece(_ count: Int) throws(FileError) -> Bool {
    if case .withinKernel = method, offset == 0 && source.size > 0 && shareBlocks() { return true }
    // Where a file can end at the latest.
    if offset == .max { return true }
    let end = offset > .max - Int64(count) ? .max : offset + Int64(count)
    while offset < end {
      let dataEnd = isSparse ? try skipHole() : .max
      if offset >= end { break }
      switch method {
      case .withinKernel: try copyWithinKernel(atMost: Int(min(dataEnd, end) - offset))
      case .throughBuffer: if try !copyThroughBuffer() { return true }
      case .by(let transfer):
        let count = try transfer.move(at: offset)
        if count == 0 { return true }
        offset += Int64(count)
      }
    }
    return false
  }

  /// Whether some of it has no blocks. For the others the two calls that find holes are spared.
  private var isSparse: Bool { Self.isSparse(status) }

  /// Compares without multiplying: a file system in user space may say that a file has any number of blocks.
  static func isSparse(_ status: stat) -> Bool {
    let (whole, rest) = status.st_size.quotientAndRemainder(dividingBy: 512)
    return status.st_blocks < (rest > 0 ? whole + 1 : whole)
  }

  /// Goes to the next data, over what stays a hole, and returns where they end. A file system in user space may answer
  /// anything: what leads backwards is no answer.
  private func skipHole() throws(FileError) -> Int64 {
    // First: what is appended after this is not in the hole.
    let size = Int64(try Self.status(source).st_size)
    do throws(Errno) {
      let data = try seek(.data, in: source.descriptor, from: offset)
      if data < size {
        let hole = try? seek(.hole, in: source.descriptor, from: data)
        guard let hole, data >= offset, hole > data else { return .max }
        offset = data
        return hole
      }
    } catch {
      // The file system cannot tell, and all there is is copied.
      guard error.rawValue == ENXIO else { return .max }
    }
    // No more data.
    if size > offset {
      try target.file.setSize(size)
      offset = size
    }
    return .max
  }

  /// All at once, where the file system can (ioctl_ficlonerange(2)). Whatever keeps it from that, the other ways find
  /// out whether it matters.
  private func shareBlocks() -> Bool {
    guard cloneFile(from: source.descriptor, to: target.file.descriptor) else { return false }
    offset = source.size
    return true
  }

  /// At the end, and where this is not possible, the other way takes over: only it tells the end of a file of /proc,
  /// and what is really wrong.
  private func copyWithinKernel(atMost count: Int) throws(FileError) {
    let copied = retryOnNegatedInterrupt {
      copyRange(from: source.descriptor, to: target.file.descriptor, at: offset, count)
    }
    switch copied {
    case 1...: offset += Int64(copied)
    // Writing is what can have failed so.
    case Int(-ENOSPC), Int(-EDQUOT), Int(-EFBIG):
      throw FileError(target.file.reference, .copy, offset: offset, .system(Errno(rawValue: Int32(-copied))))
    default: method = .throughBuffer
    }
  }

  /// False at the end.
  private func copyThroughBuffer() throws(FileError) -> Bool {
    let count = try source.readBlocking(into: buffer, at: offset)
    if count == 0 { return false }
    try buffer.withBytes(count) { bytes throws(FileError) in try target.file.writeAll(bytes, at: offset) }
    offset += Int64(count)
    return true
  }

  // MARK: The rest

  /// The permissions come with the name.
  private func copyAttributes() throws(FileError) {
    // Others come with the name, too.
    if options.attributes != nil { return }
    let descriptor = target.file.descriptor.rawValue
    if options.preservesOwnership {
      try target.file.check(.attributes) { fchown(descriptor, status.st_uid, status.st_gid) }
    }
    let times = [status.st_atim, status.st_mtim]
    try target.file.check(.attributes) { futimens(descriptor, times) }
  }
}
