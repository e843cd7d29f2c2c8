import FileEngines
import Glibc
import SystemPackage

// Regular files. A small file is read into the worker's buffer and written from it. A large file is copied by the
// kernel, or through a buffer if there is a reducer.
extension CopyWorker {
  func copyRegular(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination
  ) async throws(FileError) -> (Copied, Int64) {
    if let existing = destination.existing {
      if options.overwriting == .ifChanged && existing.isUnchanged(from: status) && mayBeUpdated(existing, status) {
        return (try await update(existing, file, status, destination), 0)
      }
      if FileIdentity(existing) == FileIdentity(status) { throw FileError(file, .copy, .sameFile) }
    }
    guard let writer, let directory = destination.directory, !options.isDryRun else {
      try refuseIrreplaceable(destination)
      return (copied(destination, status, .written, byteCount: status.size), 0)
    }
    // Reading would fill the holes.
    let buffer = try reading.reader(for: file).buffer
    if !status.hasHoles, status.size < buffer.capacity,
      let copied = try await copySmall(entry, file, status, destination, in: directory, through: buffer)
    {
      return copied
    }
    let attributes = try await attributes(of: file, status, destination.engine)
    return try await writer.target.whenThereIsRoom(for: file) { () async throws(FileError) in
      if make != nil { return try await copyPieces(entry, status, destination, attributes) }
      var copyOptions = FileCopyOptions(
        replacesExisting: destination.mayReplace, durability: options.durability, attributes: attributes)
      copyOptions.progress = FileCopyProgress { [meter = reading.meter] in meter.add(bytes: Int(clamping: $0)) }
      let count = try await destination.engine.copyFile(
        from: file, excluding: entry.session.excluded, to: destination.name, in: directory, options: copyOptions)
      return (copied(destination, status, .written, byteCount: count), count)
    }
  }

  /// Reads a whole file into the worker's buffer and writes it from there, with the attributes of the open file. Nil if
  /// the file is larger than its status said.
  private func copySmall(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination,
    in directory: TargetDirectory, through buffer: IOBuffer
  ) async throws(FileError) -> (Copied, Int64)? {
    let keepsExtended = options.keeps.contains(.extended)
    guard
      let whole = try await destination.engine.readWhole(
        file, excluding: entry.session.excluded, into: buffer, extended: keepsExtended)
    else { return nil }
    let count = whole.byteCount
    reading.meter.add(bytes: count)
    let output = try reduce(file, buffer, count)
    let attributes = kept(of: whole.attributes)
    let options = writeOptions(attributes, destination)
    // Further names become links to the copy, which must have a name for that.
    try await writer?.write(
      destination.name, in: directory, from: buffer, count: count, options: options, needsName: status.linkCount > 1,
      by: destination.engine)
    return (copied(destination, status, .written, byteCount: Int64(count), output), Int64(count))
  }

  private func reduce(_ file: FileReference, _ buffer: IOBuffer, _ count: Int) throws(FileError) -> (any Sendable)? {
    guard let make else { return nil }
    return try file.processing {
      var reducer = make()
      if count > 0 { try buffer.withBytes(count) { try reducer.update($0) } }
      return try reducer.finish()
    }
  }

  private func writeOptions(_ attributes: FileAttributes, _ destination: CopyDestination) -> FileWriteOptions {
    var writing = FileWriteOptions(replacesExisting: destination.mayReplace, durability: options.durability)
    writing.attributes = attributes
    return writing
  }

  /// Whether an existing file with the size and the mtime of the source may be kept, and get the source's attributes.
  ///
  /// Not if it belongs to another user: equal size and time do not justify giving that user's file to the source's
  /// owner. Nor if attributes must change and it has several names in the target but only one in the source: the change
  /// would affect all names.
  private func mayBeUpdated(_ existing: FileStatus, _ status: FileStatus) -> Bool {
    if existing.linkCount > 1 && status.linkCount == 1 && !attributes(status).areThose(of: existing) { return false }
    if !ProcessRights.givesFilesAway || !options.keeps.contains(.owner) { return true }
    if existing.owner == status.owner && existing.group == status.group { return true }
    // Only this process's user could have written it. Where the kernel refuses the owner it is not copied at each run.
    return existing.owner == ProcessRights.user && existing.permissions.rawValue & 0o022 == 0
  }

  /// Throws `ESTALE` if the bytes may be those of another file than the attributes. Checked only for attributes that
  /// give rights: replacing the file and restoring it in between would change its ctime.
  private func confirm(
    _ file: FileReference, _ status: FileStatus, _ attributes: FileAttributes, _ engine: any FileEngine
  ) async throws(FileError) {
    guard attributes.givesRights else { return }
    let now = try await engine.status(of: file)
    if FileIdentity(now) == FileIdentity(status) && now.times.change == status.times.change { return }
    throw FileError(file, .copy, .system(.staleNFSFileHandle))
  }

  /// Sets permissions, owner and extended attributes of an existing file, whose contents are equal, if they differ.
  private func update(
    _ existing: FileStatus, _ file: FileReference, _ status: FileStatus, _ destination: CopyDestination
  ) async throws(FileError) -> Copied {
    let isRight = attributes(status).areThose(of: existing)
    guard let directory = destination.directory, !isRight || mayDifferInExtended(existing, from: status) else {
      return copied(destination, status, .unchanged)
    }
    // All of them are set: setting the owner may clear others, and permissions depend on access control lists.
    let attributes = try await attributes(of: file, status, destination.engine)
    let isDryRun = options.isDryRun
    let changes = try await destination.engine.visit(directory, .attributes) { () throws(FileError) in
      if !isDryRun { return try directory.setAttributes(attributes, of: destination.name, .regular) }
      guard isRight, let extended = attributes.extended else { return !isRight }
      return try directory.differs(from: extended, destination.name, .regular)
    }
    return copied(destination, status, changes ? .updated : .unchanged)
  }

  /// Copies chunk by chunk, each written before the next is read. Blocks of zeros in a file with holes become holes.
  private func copyPieces(
    _ entry: FileEntry, _ status: FileStatus, _ destination: CopyDestination, _ attributes: FileAttributes
  ) async throws(FileError) -> (Copied, Int64) {
    guard let make, let directory = destination.directory else { preconditionFailure("a file is read for a reducer") }
    var plain = entry
    plain.recipe = nil
    var read: Int64 = 0
    do {
      let (count, output) = try await destination.engine.writeFile(
        destination.name, in: directory, options: writeOptions(attributes, destination)
      ) { writer in
        let output = try await plain.withChunks { chunks in
          defer { read = chunks.offset }
          var reducer = make()
          while let chunk = try await chunks.next() {
            reading.meter.add(bytes: chunk.count)
            try reducer.update(chunk.span.bytes)
            if status.hasHoles { try await writer.writeSparse(chunk) } else { try await writer.write(chunk) }
          }
          return try reducer.finish() as any Sendable
        }
        try await confirm(entry.reference, status, attributes, destination.engine)
        return (writer.count, output)
      }
      return (copied(destination, status, .written, byteCount: count, output), read)
    } catch {
      throw entry.reference.processingFailure(error, at: read)
    }
  }

  /// Reads an unchanged file for the reducer, if the options ask for that. A file that was written has been read.
  func readingUnchanged(
    _ entry: FileEntry, _ result: (copied: Copied, count: Int64)
  ) async throws(FileError) -> (Copied, Int64) {
    guard options.readsUnchanged, !options.isDryRun, let make, result.copied.action != .written else { return result }
    var (copied, plain) = (result.copied, entry)
    plain.recipe = nil
    let (output, count) = try await reading.reduce(plain, by: make())
    copied.output = output
    return (copied, count)
  }
}

extension FileWorker {
  /// Reduces with a reducer of dynamic type.
  fileprivate func reduce<Reducer: ByteReducer>(
    _ entry: FileEntry, by made: Reducer
  ) async throws(FileError) -> (any Sendable, Int64) {
    var reducer = made
    return try await reduce(entry, by: &reducer)
  }
}

extension FileWriter {
  /// The block size, and so the smallest hole, of most file systems.
  private static let blockSize = 4096

  /// Writes bytes, and skips whole blocks of zeros.
  fileprivate func writeSparse(_ bytes: [UInt8]) async throws(FileError) {
    var start = 0
    while start < bytes.count {
      // To the end of a block of the file.
      let end = min(bytes.count, start + Self.blockSize - Int(count % Int64(Self.blockSize)))
      let block = bytes[start..<end]
      if block.isZero { try await skip(block.count) } else { try await write(Array(block)) }
      start = end
    }
  }
}

extension ArraySlice<UInt8> {
  fileprivate var isZero: Bool {
    withUnsafeBytes { bytes in
      guard let first = bytes.baseAddress else { return true }
      return bytes[0] == 0 && memcmp(first, first + 1, bytes.count - 1) == 0
    }
  }
}

extension FileStatus {
  fileprivate var hasHoles: Bool { allocatedSize < size }

  fileprivate func isUnchanged(from source: FileStatus) -> Bool {
    kind == .regular && size == source.size && times.modification == source.times.modification
  }
}
