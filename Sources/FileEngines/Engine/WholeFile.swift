import IOUring

/// A file that was read whole, from one open descriptor: the attributes are those of the file that has the bytes,
/// whatever has its name by then. They were asked for before the bytes.
public struct WholeFile: Sendable, Hashable {
  /// How many bytes it has; they are at the start of the buffer.
  public let byteCount: Int
  /// All of them, but the extended ones only if they were asked for.
  public let attributes: FileAttributes
}

extension BlockingCalls where Self: FileEngine {
  public func readWhole(
    _ file: FileReference, excluding excluded: [FileIdentity], into buffer: IOBuffer, extended: Bool
  ) async throws(FileError) -> WholeFile? {
    try await readWholeByCalls(file, excluding: excluded, into: buffer, extended: extended)
  }

  /// The default implementation.
  func readWholeByCalls(
    _ reference: FileReference, excluding excluded: [FileIdentity], into buffer: IOBuffer, extended: Bool
  ) async throws(FileError) -> WholeFile? {
    try await readWholeAndClose(open(reference), excluding: excluded, into: buffer, extended: extended)
  }

  func readWholeAndClose(
    _ file: consuming OpenFile, excluding excluded: [FileIdentity], into buffer: IOBuffer, extended: Bool
  ) async throws(FileError) -> WholeFile? {
    let whole: WholeFile?
    do throws(FileError) {
      try file.refuse(excluded)
      whole = try await readWhole(&file, into: buffer, extended: extended)
    } catch {
      await close(file)
      throw error
    }
    await close(file)
    return whole
  }

  /// Nil if one read cannot tell that it has brought all.
  private func readWhole(
    _ file: inout OpenFile, into buffer: IOBuffer, extended: Bool
  ) async throws(FileError) -> WholeFile? {
    if file.size >= Int64(buffer.capacity) { return nil }
    if Task.isCancelled { throw FileError(file.reference, .read, offset: 0, .cancelled) }
    let (reference, descriptor) = (file.reference, file.descriptor)
    // From before the bytes: what is written between the two then has a later time than the copy.
    let attributes = try await briefly(reference, .attributes, isSlow: file.fileSystem.callsMayWait) {
      () throws(FileError) in
      if !file.isSizeTrue { file.isFoundOnDisk = file.isOnDisk }
      return try FileAttributes(of: descriptor, file.status, extended: extended, reference)
    }
    let count = try await read(file, into: buffer, at: 0)
    guard count == 0 || Int64(count) == file.size && file.isSizeTrue else { return nil }
    return WholeFile(byteCount: count, attributes: attributes)
  }
}
