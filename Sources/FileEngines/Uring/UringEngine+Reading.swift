import Glibc
import IOUring
import SystemPackage

// Opening and reading. What the kernel's caches can answer is asked for on the spot, by a system call that would rather fail
// than wait; only what they cannot answer goes to a ring or to the helper threads.
extension UringEngine {
  // MARK: Opening

  func openHere(_ file: FileReference) async throws(FileError) -> OpenFile {
    if isShutDown { throw FileError(file, .open, .engineShutDown) }
    switch openNow(file) {
    case .opened(let descriptor): return try examine(file, descriptor)
    case .mustWait(let isUncached): return try await openByHelper(file, isUncached: isUncached)
    }
  }

  private func openByHelper(_ file: FileReference, isUncached: Bool) async throws(FileError) -> OpenFile {
    try await DescriptorShortage.outlasting(file, .open) { () async throws(FileError) in
      try await openers.open(file, isUncached: isUncached, loop: currentLoop)
    }
  }

  private enum OpenNow {
    /// A descriptor that has not been looked at yet.
    case opened(FileDescriptor)
    /// Whether it is known that the kernel has nothing of the file in memory.
    case mustWait(isUncached: Bool)
  }

  /// Opens the file if the dentry cache alone can resolve its path.
  private func openNow(_ file: FileReference) -> OpenNow {
    if !file.isListedAsRegular, let answer = lookNow(file) { return answer }
    guard let descriptor = try? openCachedNow(file, Opening.flags(for: file)) else {
      return .mustWait(isUncached: false)
    }
    // Other failures are for the helpers to find out. Where there is no such system call nothing is known of the cache.
    if descriptor < 0 { return .mustWait(isUncached: descriptor == -EAGAIN) }
    return .opened(FileDescriptor(rawValue: descriptor))
  }

  /// A descriptor or a negated errno.
  private func openCachedNow(_ file: FileReference, _ flags: Int32) throws(Errno) -> Int32 {
    try file.withRelativePath(.cachedOnly) { directory, path in
      DescriptorReserve.sparing { openCached(directory, path, flags) }
    }
  }

  private func examine(_ file: FileReference, _ descriptor: FileDescriptor) throws(FileError) -> OpenFile {
    var opened = try Opening.examine(file, descriptor)
    if configuration.pageCache == .bypass { opened.goAroundPageCache() }
    return opened
  }

  /// Nil if it is known, without waiting, that opening the file has no effects: a descriptor by `O_PATH` has none.
  private func lookNow(_ file: FileReference) -> OpenNow? {
    guard let descriptor = try? openCachedNow(file, Opening.pathOnlyFlags) else { return .mustWait(isUncached: false) }
    if descriptor < 0 { return .mustWait(isUncached: descriptor == -EAGAIN) }
    defer { _ = Glibc.close(descriptor) }
    var status = stat()
    let isRegular = fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    return isRegular ? nil : .mustWait(isUncached: false)
  }

  // MARK: One read

  func readHere(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if isShutDown { throw FileError(file.reference, .read, offset: offset, .engineShutDown) }
    // To preadv2(2) and to the ring -1 says "wherever the descriptor is".
    if offset < 0 { throw FileError(file.reference, .read, offset: offset, .system(.invalidArgument)) }
    if file.isMisaligned(offset) { file.returnToPageCache() }
    if let count = readNow(file, into: buffer, at: offset) { return count }
    do throws(Errno) {
      do throws(Errno) {
        return try await ringRead(file, into: buffer, at: offset)
      } catch  where error == .invalidArgument && file.isDirect {
        file.returnToPageCache()
        return try await ringRead(file, into: buffer, at: offset)
      }
    } catch {
      throw FileError(file.reference, .read, offset: offset, cause(error))
    }
  }

  /// What the present task makes of an error of the ring.
  private func cause(_ error: Errno) -> FileError.Cause {
    let cause = FileError.Cause(error)
    return cause == .system(.canceled) && isShutDown ? .engineShutDown : cause
  }

  /// Reads what can be given on the spot. With `O_DIRECT` the call would wait for the disk.
  ///
  /// Linux 5.9 and 5.10 may answer 0 for what is not cached (preadv2(2), BUGS), so that is the end only where the file's size
  /// says so; elsewhere the ring is asked.
  private func readNow(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) -> Int? {
    guard file.mayBeCached && !file.isDirect else { return nil }
    switch readCached(file.descriptor, into: buffer, at: offset) {
    case .bytes(let count): return count > 0 || offset >= file.size ? count : nil
    case .notCached: return nil
    case .unknown: return currentLoop.flatMap { plainReads.read(file, into: buffer, at: offset, loop: $0) }
    }
  }

  private func ringRead(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(Errno) -> Int {
    let count = file.request(of: buffer, at: offset)
    guard let current = currentLoop else {
      return try await anyLoop.read(file.descriptor, into: buffer, count: count, at: offset)
    }
    return try await openers.accountingRead(loop: current) { () throws(Errno) in
      try await loops[current].read(file.descriptor, into: buffer, count: count, at: offset)
    }
  }

  // MARK: A whole file

  /// A small file that is cached is opened, read and closed without a suspension. Off the lanes it takes the calls one by one,
  /// since `body` is to run where the caller does, and the calls are not.
  public func readFile(
    _ reference: FileReference, through buffer: IOBuffer, _ body: (RawSpan) -> Void
  ) async throws(FileError) -> Int64 {
    if currentLoop == nil { return try await readFileByCalls(reference, through: buffer, body) }
    if isShutDown { throw FileError(reference, .open, .engineShutDown) }
    if Task.isCancelled { throw FileError(reference, .open, .cancelled) }
    switch openNow(reference) {
    case .opened(let descriptor):
      if let count = readSmallNow(descriptor, into: buffer) {
        try? descriptor.close()
        buffer.withBytes(count, body)
        return Int64(count)
      }
      return try await readAndClose(examine(reference, descriptor), through: buffer, body)
    case .mustWait(let isUncached):
      let file = try await openByHelper(reference, isUncached: isUncached)
      return try await readAndClose(file, through: buffer, body)
    }
  }

  /// Reads all of a small file that is cached, and is spared asking for its size: nil if that one read cannot tell.
  ///
  /// A read with `RWF_NOWAIT` is short at the end of the file, or before a page that is not cached; only the end can be between
  /// two pages. Nothing but a regular file answers so: what has no page cache and takes an offset at all (`/dev/zero`, say)
  /// fills the buffer or gives nothing.
  private func readSmallNow(_ descriptor: FileDescriptor, into buffer: IOBuffer) -> Int? {
    guard configuration.pageCache != .bypass,
      case .bytes(let count) = readCached(descriptor, into: buffer, at: 0)
    else { return nil }
    return count < buffer.capacity && count % IOBuffer.alignment != 0 ? count : nil
  }

  private func readAndClose(
    _ file: OpenFile, through buffer: IOBuffer, _ body: (RawSpan) -> Void
  ) async throws(FileError) -> Int64 {
    defer { try? file.descriptor.close() }
    return try await readToEnd(file, through: buffer, body)
  }

  /// What is not cached of a large file is read ahead, on the loop's own thread, if not too many are already. What is cached
  /// goes through the one buffer, which the processor's caches hold.
  private func readToEnd(
    _ file: OpenFile, through buffer: IOBuffer, _ body: (RawSpan) -> Void
  ) async throws(FileError) -> Int64 {
    var file = file
    var offset: Int64 = 0
    if file.size >= ReadAhead.worthwhile { try await readWhileCached(file, &offset, through: buffer, body) }
    if file.size - offset >= ReadAhead.worthwhile, let current = currentLoop, budget.claim() {
      defer { budget.release() }
      // So much is not worth a copy, nor what it would drive out of the cache.
      if configuration.pageCache == .auto && !file.isDirect { file.goAroundPageCache() }
      let ahead = ReadAhead(file, from: offset, on: loops[current], budget.buffers)
      let result = await readAhead(ahead, &offset, body)
      await ahead.drain()
      try result.get()
    }
    return try await readSequentially(file, from: offset, through: buffer, body)
  }

  /// Goes as far as the page cache takes it, and is worth going.
  private func readWhileCached(
    _ file: OpenFile, _ offset: inout Int64, through buffer: IOBuffer, _ body: (RawSpan) -> Void
  ) async throws(FileError) {
    var reads = 0
    var surveyed = offset
    while let count = readNow(file, into: buffer, at: offset), count > 0 {
      buffer.withBytes(count, body)
      if configuration.pageCache == .auto, offset >= surveyed, budget.hasRoom {
        if !CachedShare.isWorthwhile(file, from: offset) { return offset += Int64(count) }
        surveyed = offset + CachedShare.survey
      }
      offset += Int64(count)
      reads += 1
      if reads % FileReader.readsPerTurn == 0 {
        if Task.isCancelled { throw FileError(file.reference, .read, offset: offset, .cancelled) }
        await Task.yield()
      }
    }
  }

  /// Goes as far as reading ahead takes it: the rest, and the end, are for reading in sequence.
  private func readAhead(
    _ ahead: ReadAhead, _ offset: inout Int64, _ body: (RawSpan) -> Void
  ) async -> Result<Void, FileError> {
    do throws(Errno) {
      // What is cached arrives without anybody looking at the task.
      while !Task.isCancelled, let piece = try await ahead.nextPiece(), piece.count > 0 {
        piece.buffer.withBytes(piece.count, body)
        offset += Int64(piece.count)
        // The file has become shorter, or ends here.
        if piece.count < piece.buffer.capacity { break }
        // Others on this loop may want a turn, in case nothing made this task wait.
        await Task.yield()
      }
    } catch  where error == .invalidArgument {
      // O_DIRECT is not possible here after all: reading in sequence finds out.
    } catch {
      return .failure(FileError(ahead.file.reference, .read, offset: offset, cause(error)))
    }
    return .success(())
  }
}
