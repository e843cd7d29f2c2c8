import Glibc
import IOUring
import LinuxSystem
import SystemPackage

// Reading a whole file: a small one that is cached on the spot, a large one ahead of what takes the bytes, any other in
// sequence.
extension UringEngine {
  /// A small file that is cached is opened, read and closed without a suspension. Off the lanes it takes the calls one
  /// by one, since `body` is to run where the caller does, and the calls are not.
  public func readFile(
    _ reference: FileReference, excluding excluded: [FileIdentity], through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    guard let loop = currentLoop else {
      return try await readFileByCalls(reference, excluding: excluded, through: buffer, body)
    }
    return try await opened(reference, loop: loop) { file throws(FileError) in
      guard !mayBe(reference, among: excluded, file.owned.descriptor), mayBeReadFromCache(&file, loop: loop),
        let count = readSmallFromCache(file, into: buffer, loop: loop)
      else { return nil }
      file.owned.close()
      _ = try buffer.withBytes(count) { bytes throws(FileError) in try reference.process(bytes, at: 0, body) }
      return Int64(count)
    } orElse: { file throws(FileError) in
      try await readAndClose(file, excluding: excluded, through: buffer, body)
    }
  }

  public func readWhole(
    _ reference: FileReference, excluding excluded: [FileIdentity], into buffer: IOBuffer, extended: Bool
  ) async throws(FileError) -> WholeFile? {
    guard let loop = currentLoop else {
      return try await readWholeByCalls(reference, excluding: excluded, into: buffer, extended: extended)
    }
    return try await opened(reference, loop: loop) { file throws(FileError) in
      if mayBe(reference, among: excluded, file.owned.descriptor) || !mayBeReadFromCache(&file, loop: loop) {
        return nil
      }
      // Before the bytes: what is written between the two then has a later time than the copy.
      let attributes = try FileAttributes(of: file.owned.descriptor, extended: extended, reference)
      return readSmallFromCache(file, into: buffer, loop: loop).map { WholeFile(byteCount: $0, attributes: attributes) }
    } orElse: { file throws(FileError) in
      try await readWholeAndClose(file, excluding: excluded, into: buffer, extended: extended)
    }
  }

  /// Opens a file on a loop, whichever way waits least.
  ///
  /// - Parameters:
  ///   - body: gets a file that was opened at once, and has not been examined yet: nil if it can make nothing of it.
  ///   - other: gets any other file, and closes it.
  private func opened<R>(
    _ reference: FileReference, loop: Int, _ body: (inout UnexaminedFile) throws(FileError) -> R?,
    orElse other: (consuming OpenFile) async throws(FileError) -> R
  ) async throws(FileError) -> R {
    if let end { throw FileError(reference, .open, end) }
    if Task.isCancelled { throw FileError(reference, .open, .cancelled) }
    switch tryOpenNonblocking(reference) {
    case .opened(var opened):
      if let result = try body(&opened) { return result }
      return try await other(examine(reference, opened))
    case .mustWait(let isUncached):
      return try await other(openOffLoop(reference, isUncached: isUncached))
    case .mayBeSlow:
      return try await openedSlowly(reference, loop: loop, other)
    }
  }

  /// Whether ``OpenFile/refuse(_:)`` must decide about a file. Where the directory does not tell that costs statx(2),
  /// some 0.4 µs.
  private func mayBe(_ file: FileReference, among excluded: [FileIdentity], _ descriptor: FileDescriptor) -> Bool {
    if excluded.isEmpty { return false }
    if file.directory.fileSystem?.listsTrueInodes == true, file.isListedAsRegular {
      return excluded.contains { $0.inode == file.inode }
    }
    guard let identity = FileIdentity(descriptor.rawValue) else { return true }
    return excluded.contains(identity)
  }

  /// Whether to try to read from the page cache a file that was opened at once. Notes in its plan what the kernel
  /// counts.
  private func mayBeReadFromCache(_ file: inout UnexaminedFile, loop: Int) -> Bool {
    let detector = uncachedDetectors[loop]
    guard file.plan.countsCachedBytes(wereUncached: detector.recentlyBlocked) else { return true }
    detector.pass()
    file.plan.cached = ReadPlan.cached(cachedByteCount(of: file.owned.descriptor, in: 0..<ReadPlan.countedBytes))
    return file.plan.cached == .perhaps
  }

  /// Reads all of a small file that is cached, and is spared asking for its size: nil if that one read cannot tell.
  ///
  /// A read with `RWF_NOWAIT` is short at the end of the file, or before a page that is not cached; only the end can be
  /// between two pages. Nothing but a regular file answers so: what has no page cache and takes an offset at all
  /// (`/dev/zero`, say) fills the buffer or gives nothing. Nor does a file system that answers so let daemons say what
  /// size a file has.
  private func readSmallFromCache(_ file: borrowing UnexaminedFile, into buffer: IOBuffer, loop: Int) -> Int? {
    if !file.plan.readsSmallFileAtOnce { return nil }
    switch readCached(file.owned.descriptor, into: buffer, at: 0) {
    case .bytes(let count): return count < buffer.capacity && count % IOBuffer.alignment != 0 ? count : nil
    case .notCached: uncachedDetectors[loop].noteBlocked()
    case .unknown: break
    }
    return nil
  }

  func readAndClose(
    _ file: consuming OpenFile, excluding excluded: [FileIdentity], through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    let total: Int64
    do throws(FileError) {
      try file.refuse(excluded)
      total = try await readToEnd(&file, through: buffer, body)
    } catch {
      await close(file)
      throw error
    }
    await close(file)
    return total
  }

  /// What is not cached of a large file is read ahead, on the loop's own thread, if not too many are already. What is
  /// cached goes through the one buffer, which the processor's caches hold.
  private func readToEnd(
    _ file: inout OpenFile, through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> Int64 {
    var offset: Int64 = 0
    if plan(for: file).looksForDisk { file.isFoundOnDisk = file.isOnDisk }
    let plan = plan(for: file)
    let readsAhead = plan.readsAhead(from: 0) && isForRing(file, plan)
    if readsAhead, try await readWhileCached(file, plan, &offset, through: buffer, body) == .enough { return offset }
    if readsAhead, plan.readsAhead(from: offset), let current = currentLoop, budget.claim() {
      defer { budget.release() }
      if plan.readsAheadAroundCache { file.goAroundPageCache() }
      let ahead = ReadAhead(from: offset, on: loops[current], budget.buffers)
      let result = await readAhead(file, ahead, &offset, body)
      await ahead.drain()
      if try result.get() == .enough { return offset }
    }
    return try await readSequentially(file, from: offset, through: buffer, body)
  }

  /// Goes as far as the page cache takes it, and is worth going.
  private func readWhileCached(
    _ file: borrowing OpenFile, _ plan: ReadPlan, _ offset: inout Int64, through buffer: IOBuffer,
    _ body: (RawSpan) throws -> ByteDemand
  ) async throws(FileError) -> ByteDemand {
    if plan.attempt(at: offset) != .cachedRead { return .more }
    var reads = 0
    var counted = offset
    /// The loop on which it is this file's turn.
    var turn: Int?
    defer { if let turn { cachedReads.end(loop: turn) } }
    while let count = readFromCache(file, into: buffer, at: offset), count > 0 {
      let start = offset
      let demand = try buffer.withBytes(count) { bytes throws(FileError) in
        try file.reference.process(bytes, at: start, body)
      }
      offset += Int64(count)
      if demand == .enough { return .enough }
      if plan.watchesCache, start >= counted, budget.hasRoom {
        if !staysInCache(file, from: start) { return .more }
        counted = start + ReadPlan.countedBytes
      }
      reads += 1
      if reads % FileReader.readsPerTurn == 0 {
        if turn == nil, let loop = currentLoop {
          await cachedReads.begin(loop: loop)
          turn = loop
        }
        if Task.isCancelled { throw FileError(file.reference, .read, offset: offset, .cancelled) }
        await Task.yield()
      }
    }
    return .more
  }

  /// - Parameter offset: where something has been read from the cache.
  private func staysInCache(_ file: borrowing OpenFile, from offset: Int64) -> Bool {
    // A file that has grown since it was opened may be read beyond the size that it had.
    let end = min(file.size, offset + ReadPlan.countedBytes)
    if offset >= end { return true }
    let cached = cachedByteCount(of: file.descriptor, in: offset..<end)
    return ReadPlan.staysInCache(cachedBytes: cached, of: end - offset)
  }

  /// Goes as far as reading ahead takes it: the rest, and the end, are for reading in sequence.
  private func readAhead(
    _ file: borrowing OpenFile, _ ahead: ReadAhead, _ offset: inout Int64, _ body: (RawSpan) throws -> ByteDemand
  ) async -> Result<ByteDemand, FileError> {
    do throws(Errno) {
      // What is cached arrives without a look at the task.
      while !Task.isCancelled, let piece = try await ahead.nextPiece(of: file), piece.count > 0 {
        let start = offset
        let processed = piece.buffer.withBytes(piece.count) { bytes in
          Result { () throws(FileError) in try file.reference.process(bytes, at: start, body) }
        }
        guard case .success(.more) = processed else {
          offset += Int64(piece.count)
          return processed
        }
        offset += Int64(piece.count)
        // The file has become shorter, or ends here.
        if piece.count < piece.buffer.capacity { break }
        // Others on this loop may want a turn, in case nothing made this task wait.
        await Task.yield()
      }
    } catch  where [.invalidArgument, .interrupted].contains(error) && !hasFailed {
      // O_DIRECT is not possible here after all, or the kernel's thread was interrupted: reading in sequence finds out,
      // and tries again.
    } catch {
      return .failure(FileError(file.reference, .read, offset: offset, cause(error)))
    }
    return .success(.more)
  }
}
