#if Foundation
import Foundation
import IOUring
import LinuxSystem
import Synchronization
import SystemPackage

/// Foundation's `FileHandle`, one file after another on one thread: what most programs do, and what the other engines
/// are compared with.
///
/// On Linux `FileHandle` reads in pieces of the file system's block size, 4 KiB as a rule, however much it is asked
/// for.
public final class BlockingEngine: FileEngine, BlockingCalls {
  public let kind = FileEngineKind.blocking
  public let configuration: FileEngineConfiguration
  public let plan: EnginePlan
  private let thread: ThreadExecutor
  private let mark = Atomic(false)

  /// Starts the thread.
  ///
  /// - Throws: `EAGAIN` if the system has no room for it, `EMFILE` if the process has too few descriptors left,
  ///   `ENOMEM` if it has too little address space.
  public init(_ configuration: FileEngineConfiguration = FileEngineConfiguration()) throws(Errno) {
    self.configuration = configuration
    plan = try .blocking(configuration)
    thread = try ThreadExecutor(name: "file-handle")
  }

  static func make(_ configuration: FileEngineConfiguration) throws(FileEngineUnavailable) -> any FileEngine {
    do throws(Errno) {
      return try BlockingEngine(configuration)
    } catch {
      throw FileEngineUnavailable(.blocking, error)
    }
  }

  public var lanes: [FileEngineLane] { [FileEngineLane(executor: thread, width: 1)] }
  public var statistics: FileEngineStatistics { FileEngineStatistics() }

  public func open(_ file: FileReference) async throws(FileError) -> OpenFile {
    try await opening(file, .open) { () throws(FileError) in
      let opened = try openOnThread(file)
      if configuration.pageCache == .bypass { PageCache.drop(opened.descriptor.rawValue) }
      return opened
    }
  }

  public func read(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) async throws(FileError) -> Int {
    if isShutDown { throw FileError(file.reference, .read, offset: offset, .engineShutDown) }
    return try await blocking(file.reference, .read) { () throws(FileError) in
      try readOnThread(file, into: buffer, at: offset)
    }
  }

  public func close(_ file: consuming OpenFile) async {
    let reference = file.reference
    try? await blocking(reference, .close) { () throws(FileError) in
      if configuration.pageCache == .bypass { PageCache.drop(file.descriptor.rawValue) }
      try? positioned(file).handle.close()
      file.leaveToHandle()
    }
  }

  public var isShutDown: Bool { mark.load(ordering: .relaxed) }

  public func shutDown() async {
    mark.store(true, ordering: .relaxed)
    await thread.shutDown()
  }

  // MARK: On the thread

  /// As most programs open: `FileHandle(forReadingAtPath:)`, after the look at the file's type that all engines take.
  /// (Taken before and not after, since `FileHandle` would wait for ever at a FIFO; a file that becomes one in between
  /// is not noticed.) What it cannot open, a path that is no string or is too long, is opened by hand and wrapped; and
  /// so is what cannot be opened at all, to learn why, and a file whose path leads elsewhere by now.
  private func openOnThread(_ file: FileReference) throws(FileError) -> OpenFile {
    if let opened = openByPath(file) { return opened }
    var opened = try Opening.open(file, needsFileSystem: false)
    opened.handle = PositionedHandle(FileHandle(fileDescriptor: opened.descriptor.rawValue, closeOnDealloc: false))
    return opened
  }

  private func openByPath(_ file: FileReference) -> OpenFile? {
    if file.pathCount >= PATH_MAX { return nil }
    guard let wanted = try? file.status(), wanted.st_mode & S_IFMT == S_IFREG,
      let path = String(validating: file.path, as: UTF8.self), let handle = FileHandle(forReadingAtPath: path)
    else { return nil }
    let descriptor = FileDescriptor(rawValue: handle.fileDescriptor)
    // The path may have led to another file by then, even out of the tree.
    var status = stat()
    guard DescriptorReserve.admits(descriptor.rawValue), fstat(descriptor.rawValue, &status) == 0,
      FileIdentity(status) == FileIdentity(wanted)
    else {
      try? handle.close()
      return nil
    }
    let fileSystem = Opening.fileSystem(of: file, status, descriptor, isNeeded: false)
    return OpenFile(
      file, status, OwnedDescriptor(ownedElsewhere: descriptor), on: fileSystem, handle: PositionedHandle(handle))
  }

  private func readOnThread(
    _ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64
  ) throws(FileError) -> Int {
    // `FileHandle` does not repeat what was interrupted.
    let result = retryOnNegatedInterrupt { readOnce(file, into: buffer, at: offset) }
    if result < 0 { throw FileError(file.reference, .read, offset: offset, .system(Errno(rawValue: Int32(-result)))) }
    return result
  }

  /// How many bytes came, or a negated errno.
  private func readOnce(_ file: borrowing OpenFile, into buffer: IOBuffer, at offset: Int64) -> Int {
    do {
      return try positioned(file).read(at: offset, upTo: buffer.capacity) { data in
        _ = buffer.fill { bytes in bytes.withUnsafeMutableBytes { data.copyBytes(to: $0) } }
      }
    } catch {
      return -Int(Errno(error).rawValue)
    }
  }

  private func positioned(_ file: borrowing OpenFile) -> PositionedHandle {
    guard let handle = file.handle as? PositionedHandle else {
      preconditionFailure("the file was opened by another engine")
    }
    return handle
  }

  public func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if thread.isCurrent { return try body() }
    return try await run(on: thread, body)
  }
}
#endif
