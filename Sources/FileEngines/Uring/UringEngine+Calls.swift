import IOUring

// The calls, from wherever they come: on a lane they are made on the spot; from elsewhere, which may be a thread of
// Swift's cooperative pool, or an actor's, they go to a loop. Most would not wait there either, but which ones only the
// file system knows: FUSE asks its daemon at every open and close.
extension UringEngine {
  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    if currentLoop != nil { return try await openHere(file) }
    var opened: OpenFile?
    try await withTaskExecutorPreference(anyLoop) { () async throws(FileError) in opened = try await openThere(file) }
    return opened.take()!
  }

  public func read(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if currentLoop != nil || file.fileSystem.isReadByCalls {
      return try await readHere(file, into: buffer, at: offset)
    }
    return try await withTaskExecutorPreference(anyLoop) { () async throws(FileError) in
      try await readThere(file, into: buffer, at: offset)
    }
  }

  public func close(_ file: consuming OpenFile) async {
    if file.fileSystem.callsMayWait { return await closeSlowly(file) }
    if currentLoop != nil { return file.closeNow() }
    await withTaskExecutorPreference(anyLoop) { await closeThere(&file) }
  }

  // What is called with a preference runs where the preference says; a closure with a preference need not, nor one that
  // is called by a function with one: the compiler finds no change of executor to be needed there.

  @concurrent private func openThere(_ file: FileReference) async throws(FileError) -> OpenFile {
    try await openHere(file)
  }

  @concurrent private func readThere(
    _ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64
  ) async throws(FileError) -> Int {
    try await readHere(file, into: buffer, at: offset)
  }

  @concurrent private func closeThere(_ file: inout OpenFile) async {
    file.closeNow()
  }
}
