import FileEngines
import Glibc
import SystemPackage

// Regular files. A small one is read into the worker's buffer and written from it; of a large one the kernel copies the
// blocks, unless its bytes are wanted for a reducer.
extension CopyWorker {
  func copyRegular(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> (Copied, Int64) {
    if let existing = place.existing {
      if options.overwriting == .ifChanged && existing.isUnchanged(from: status) && mayBeUpdated(existing, status) {
        return (try await update(existing, file, status, place), 0)
      }
      if FileIdentity(existing) == FileIdentity(status) { throw FileError(file, .copy, .sameFile) }
    }
    guard let directory = place.directory, !options.isDryRun else {
      try refuseIrreplaceable(place)
      return (copied(place, status, .written, byteCount: status.size), 0)
    }
    // Reading would fill the holes.
    let buffer = try reading.reader(for: file).buffer
    if !status.hasHoles, status.size < buffer.capacity,
      let copied = try await copySmall(entry, file, status, place, in: directory, through: buffer)
    {
      return copied
    }
    let attributes = try await attributes(of: file, status, place.engine)
    return try await target.whenThereIsRoom(for: file) { () async throws(FileError) in
      if make != nil { return try await copyPieces(entry, status, place, attributes) }
      var copyOptions = FileCopyOptions(
        replacesExisting: place.mayReplace, durability: options.durability, attributes: attributes)
      copyOptions.progress = FileCopyProgress { [meter = reading.meter] in meter.add(bytes: Int(clamping: $0)) }
      let count = try await place.engine.copyFile(
        from: file, excluding: entry.session.excluded, to: place.name, in: directory, options: copyOptions)
      return (copied(place, status, .written, byteCount: count), count)
    }
  }

  /// A file that is read whole into the worker's buffer, and written from it, with the attributes of the very file that
  /// was read. Nil if it is larger than the walk has said.
  private func copySmall(
    _ entry: FileEntry, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace,
    in directory: TargetDirectory, through buffer: IOBuffer
  ) async throws(FileError) -> (Copied, Int64)? {
    let keepsExtended = options.keeps.contains(.extendedAttributes)
    guard
      let whole = try await place.engine.readWhole(
        file, excluding: entry.session.excluded, into: buffer, extended: keepsExtended)
    else { return nil }
    let count = whole.byteCount
    reading.meter.add(bytes: count)
    let output = try reduce(file, buffer, count)
    let attributes = kept(of: whole.attributes)
    let options = writeOptions(attributes, place)
    if publishesLater && !mayHaveLinks(status) {
      let written = try await place.engine.writeUnpublished(
        place.name, in: directory, from: buffer, count: count, options: options)
      unpublished = UnpublishedCopy(written: written, file: file, place: place, target: target)
    } else {
      try await place.engine.writeFile(place.name, in: directory, from: buffer, count: count, options: options)
    }
    return (copied(place, status, .written, byteCount: Int64(count), output), Int64(count))
  }

  /// Whether further names may become links to the copy, for which it must have its own.
  private func mayHaveLinks(_ status: FileStatus) -> Bool {
    options.keeps.contains(.hardLinks) && status.linkCount > 1
  }

  private func reduce(_ file: FileReference, _ buffer: IOBuffer, _ count: Int) throws(FileError) -> (any Sendable)? {
    guard let make else { return nil }
    return try file.processing {
      var reducer = make()
      if count > 0 { try buffer.withBytes(count) { try reducer.update($0) } }
      return try reducer.finish()
    }
  }

  private func writeOptions(_ attributes: FileAttributes, _ place: CopyPlace) -> FileWriteOptions {
    var writing = FileWriteOptions(replacesExisting: place.mayReplace, durability: options.durability)
    writing.attributes = attributes
    return writing
  }

  /// That a file of another owner has the size and the time of the source does not make it one to be given to the
  /// source's owner. And one of several names in the target, of which the source knows nothing, is not changed under
  /// all of them.
  private func mayBeUpdated(_ existing: FileStatus, _ status: FileStatus) -> Bool {
    if existing.linkCount > 1 && status.linkCount == 1 && !attributes(status).areThose(of: existing) { return false }
    if !ProcessRights.givesFilesAway || !options.keeps.contains(.owners) { return true }
    if existing.owner == status.owner && existing.group == status.group { return true }
    // Nobody else could write one of this process's own: it is not made again where its owner is refused.
    return existing.owner == ProcessRights.user && existing.permissions.rawValue & 0o022 == 0
  }

  /// Throws if the bytes that were read may be those of another file than the one that has the attributes: where these
  /// give rights, that is looked at once more. Whoever puts another file in its place, and back, changes its ctime.
  private func confirm(
    _ file: FileReference, _ status: FileStatus, _ attributes: FileAttributes, _ engine: any FileEngine
  ) async throws(FileError) {
    guard attributes.givesRights else { return }
    let now = try await engine.status(of: file)
    if FileIdentity(now) == FileIdentity(status) && now.times.change == status.times.change { return }
    throw FileError(file, .copy, .system(.staleNFSFileHandle))
  }

  /// The contents are right; permissions, owner and extended attributes are set if they are not.
  private func update(
    _ existing: FileStatus, _ file: FileReference, _ status: FileStatus, _ place: CopyPlace
  ) async throws(FileError) -> Copied {
    let isRight = attributes(status).areThose(of: existing)
    guard let directory = place.directory, !isRight || mayDifferInExtended(existing, from: status) else {
      return copied(place, status, .unchanged)
    }
    // All of them: setting the owner may take some away, and permissions depend on access control lists.
    let attributes = try await attributes(of: file, status, place.engine)
    let isDryRun = options.isDryRun
    let changes = try await place.engine.visit(directory, .attributes) { () throws(FileError) in
      if !isDryRun { return try directory.setAttributes(attributes, of: place.name, .regular) }
      guard isRight, let extended = attributes.extended else { return !isRight }
      return try directory.differs(from: extended, place.name, .regular)
    }
    return copied(place, status, changes ? .updated : .unchanged)
  }

  /// Piece by piece, each written before the next is read. Blocks of zeros in a file with holes become holes.
  private func copyPieces(
    _ entry: FileEntry, _ status: FileStatus, _ place: CopyPlace, _ attributes: FileAttributes
  ) async throws(FileError) -> (Copied, Int64) {
    guard let make, let directory = place.directory else { preconditionFailure("a file is read for a reducer") }
    var plain = entry
    plain.recipe = nil
    let chunks = FileChunkReader(plain)
    do {
      let (count, output) = try await place.engine.writeFile(
        place.name, in: directory, options: writeOptions(attributes, place)
      ) { writer in
        var reducer = make()
        while let chunk = try await chunks.next() {
          reading.meter.add(bytes: chunk.count)
          try reducer.update(chunk.span.bytes)
          if status.hasHoles { try await writer.writeSparse(chunk) } else { try await writer.write(chunk) }
        }
        try await confirm(entry.reference, status, attributes, place.engine)
        return (writer.count, try reducer.finish())
      }
      return (copied(place, status, .written, byteCount: count, output), chunks.offset)
    } catch {
      await chunks.end()
      throw entry.reference.processingFailure(error, at: chunks.offset)
    }
  }
}

extension FileWriter {
  /// What a file system keeps as a hole at the least, as a rule.
  private static let blockSize = 4096

  /// Writes bytes, and leaves out whole blocks of zeros.
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
