import IOUring
import LinuxSystem

// The calls, from wherever they come: on a lane they are made on the spot; from elsewhere, which may be a thread of
// Swift's cooperative pool, or an actor's, they go to a loop. Most would not wait there either, but which ones only the
// file system knows: FUSE asks its daemon at every open and close.
extension UringEngine {
  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    if currentLoop != nil { return try await openOnLoop(file) }
    return try await runAsync(on: anyLoop) { () async throws(FileError) in try await openOnLoop(file) }
  }

  public func read(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if currentLoop != nil || file.fileSystem.isReadByCalls {
      return try await readOnLoop(file, into: buffer, at: offset)
    }
    return try await runAsync(on: anyLoop) { () async throws(FileError) in
      try await readOnLoop(file, into: buffer, at: offset)
    }
  }

  public func close(_ file: consuming OpenFile) async {
    if file.fileSystem.callsMayWait { return await closeSlowly(file) }
    if currentLoop != nil { return file.closeNow() }
    await run(on: anyLoop) { file.closeNow() }
  }
}
