import Foundation
import IOUring
import SystemPackage

/// Foundation's `FileHandle`, one file after another on one thread: what most programs do, and what the other engines are
/// compared with.
///
/// On Linux `FileHandle` reads in pieces of the file system's block size, 4 KiB as a rule, however much it is asked for.
public final class BlockingEngine: FileEngine {
  public let kind = FileEngineKind.blocking
  public let configuration: FileEngineConfiguration
  private let thread: ThreadExecutor

  /// Starts the thread.
  ///
  /// - Throws: `EAGAIN` if the system has no room for it.
  public init(_ configuration: FileEngineConfiguration = FileEngineConfiguration()) throws(Errno) {
    self.configuration = configuration
    thread = try ThreadExecutor(name: "file-handle")
  }

  public var lanes: [FileEngineLane] { [FileEngineLane(executor: thread, width: 1)] }
  public var statistics: FileEngineStatistics { FileEngineStatistics() }

  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    if thread.isCurrent { return try openHere(file) }
    return try await withTaskExecutorPreference(thread) { () async throws(FileError) in try await openThere(file) }
  }

  public func read(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if thread.isCurrent { return try readHere(file, into: buffer, at: offset) }
    return try await withTaskExecutorPreference(thread) { () async throws(FileError) in
      try await readThere(file, into: buffer, at: offset)
    }
  }

  public func close(_ file: OpenFile) async {
    if configuration.pageCache == .bypass { PageCache.drop(file.descriptor.rawValue) }
    try? handle(of: file).close()
  }

  public func shutDown() async {
    await thread.shutDown()
  }

  // MARK: On the thread

  /// By the whole path, as most programs open; from the directory only if that fails, since the path may be too long. The
  /// `FileHandle` is given the descriptor: opening by itself it would wait for ever at a FIFO that has taken the place of a
  /// file since the file was listed.
  private func openHere(_ file: FileReference) throws(FileError) -> OpenFile {
    let opened: OpenFile
    do throws(FileError) {
      opened = try Opening.open(FileReference(path: file.path, inode: file.inode))
    } catch {
      opened = try Opening.open(file)
    }
    let descriptor = opened.descriptor
    // Without a size: the file is read until a read says that it is at its end.
    return OpenFile(
      reference: file, size: 0, descriptor: descriptor,
      handle: FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: false))
  }

  private func readHere(_ file: OpenFile, into buffer: IOBuffer, at offset: Int64) throws(FileError) -> Int {
    do {
      let handle = handle(of: file)
      if try handle.offset() != UInt64(offset) { try handle.seek(toOffset: UInt64(offset)) }
      guard let data = try handle.read(upToCount: buffer.capacity) else { return 0 }
      buffer.withMutableBytes { bytes in
        bytes.withUnsafeMutableBytes { _ = data.copyBytes(to: $0) }
      }
      return data.count
    } catch {
      throw FileError(file.reference, .read, offset: offset, .system(Errno(error)))
    }
  }

  private func handle(of file: OpenFile) -> FileHandle {
    guard let handle = file.handle as? FileHandle else {
      preconditionFailure("the file was opened by another engine")
    }
    return handle
  }

  // What is called with a preference runs where the preference says; a closure with a preference need not.

  @concurrent private func openThere(_ file: FileReference) async throws(FileError) -> OpenFile {
    try openHere(file)
  }

  @concurrent private func readThere(
    _ file: OpenFile, into buffer: IOBuffer, at offset: Int64
  ) async throws(FileError) -> Int {
    try readHere(file, into: buffer, at: offset)
  }
}

extension Errno {
  /// The errno in an error of Foundation's, which wraps it once or twice.
  fileprivate init(_ error: any Error) {
    var error = error as NSError
    while error.domain != NSPOSIXErrorDomain {
      guard let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError else {
        self = .ioError
        return
      }
      error = underlying
    }
    self.init(rawValue: Int32(error.code))
  }
}
