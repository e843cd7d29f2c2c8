import IOUring
import Synchronization
import SystemPackage

// Files whose file system asks a daemon or a server (FileSystemKind). Opening and closing one may take any time, even
// if all of it is cached, and so may a read by pread(2). These calls are made on helper threads of their own: what
// waits there holds up neither a loop nor the files of a disk.
extension UringEngine {
  /// Opens a file that may be one of those, on a loop, and holds a permit as long as `use` has it, which closes it.
  func openedSlowly<R>(
    _ reference: FileReference, loop: Int, _ use: (consuming OpenFile) async throws(FileError) -> R
  ) async throws(FileError) -> R {
    guard await slowFiles.acquire(loop: loop) else { throw FileError(reference, .open, .cancelled) }
    var hasPermit = true
    defer { if hasPermit { slowFiles.release(loop: loop) } }
    if let end { throw FileError(reference, .open, end) }
    let file = try await openSlowly(reference)
    if !file.fileSystem.callsMayWait {
      slowFiles.release(loop: loop)
      hasPermit = false
    }
    return try await use(file)
  }

  func openSlowly(_ file: FileReference) async throws(FileError) -> OpenFile {
    try await DescriptorShortage.outlasting(file, .open) { () async throws(FileError) in
      try await onHelper(of: slowHelpers) { () throws(FileError) in
        slowOpens.add(1, ordering: .relaxed)
        return try Opening.open(file, aroundPageCache: configuration.pageCache == .bypass)
      }
    }
  }

  /// Cancellation does not shorten the wait.
  func readSlowly(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    try await onHelper(of: slowHelpers) { () throws(FileError) in
      try file.readBlocking(into: buffer, at: offset)
    }
  }

  func closeSlowly(_ file: consuming OpenFile) async {
    try? await onHelper(of: slowHelpers) { () throws(FileError) in file.closeNow() }
  }
}
