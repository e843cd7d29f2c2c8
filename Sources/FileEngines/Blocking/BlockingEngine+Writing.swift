#if Foundation
import Foundation
import IOUring
import SystemPackage

// What `FileHandle` can do for a file that is written, it does: writing, fsync, truncating, closing. It can neither
// make a temporary file nor give it a name.
extension BlockingEngine {
  public func openForWriting(
    _ file: FileReference, _ mode: WritingMode, permissions: FilePermissions
  ) async throws(FileError) -> WritableFile {
    try await openingToWrite(file, .open) { () throws(FileError) in
      var opened = try WritableFile.open(file, mode, permissions)
      opened.makeHandle()
      return opened
    }
  }

  public func makeTemporary(
    for target: FileReference, _ options: FileWriteOptions
  ) async throws(FileError) -> TemporaryFile {
    try await openingToWrite(target, .create) { () throws(FileError) in try temporary(for: target, options) }
  }

  public func makeTemporary(
    _ name: [UInt8], in directory: TargetDirectory, _ options: FileWriteOptions
  ) async throws(FileError) -> TemporaryFile {
    try await openingToWrite(directory.target(name), .create) { () throws(FileError) in
      var temporary = try TemporaryFile.make(named: name, in: directory, options)
      temporary.file.makeHandle()
      return temporary
    }
  }

  private func temporary(for target: FileReference, _ options: FileWriteOptions) throws(FileError) -> TemporaryFile {
    var temporary = try TemporaryFile.make(for: target, options)
    temporary.file.makeHandle()
    return temporary
  }

  public func write(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>, at offset: Int64
  ) async throws(FileError) -> Int {
    try await blocking(file.reference, .write) { () throws(FileError) in
      let data = buffer.data(range)
      try file.throughHandle(.write, at: offset) { try $0.write(data, at: offset) }
      return data.count
    }
  }

  public func append(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>
  ) async throws(FileError) -> Int {
    try await blocking(file.reference, .write) { () throws(FileError) in
      let data = buffer.data(range)
      try file.throughHandle(.write) { try $0.append(data) }
      return data.count
    }
  }

  public func synchronize(_ file: borrowing WritableFile, dataOnly: Bool) async throws(FileError) {
    try await blocking(file.reference, .sync) { () throws(FileError) in
      // `FileHandle` has no fdatasync(2).
      if dataOnly { return try file.synchronize(dataOnly: true) }
      try file.throughHandle(.sync) { try $0.handle.synchronize() }
    }
  }

  public func setSize(_ file: borrowing WritableFile, to size: Int64) async throws(FileError) {
    try await blocking(file.reference, .truncate) { () throws(FileError) in
      // `FileHandle` takes its offset without a sign.
      if size < 0 { throw FileError(file.reference, .truncate, .system(.invalidArgument)) }
      try file.throughHandle(.truncate) { try $0.truncate(at: size) }
    }
  }

  public func close(_ file: consuming WritableFile) async throws(FileError) {
    let reference = file.reference
    try await blocking(reference, .close) { () throws(FileError) in
      // The descriptor is gone even where closing fails.
      defer { _ = file.takeDescriptor() }
      try file.throughHandle(.close) { try $0.handle.close() }
    }
  }

  public func writeFile(
    at target: FileReference, contents: [UInt8], options: FileWriteOptions
  ) async throws(FileError) {
    if Task.isCancelled { throw FileError(target, .write, .cancelled) }
    try await openingToWrite(target, .create) { () throws(FileError) in
      var temporary = try temporary(for: target, options)
      try temporary.file.throughHandle(.write, at: 0) { try $0.write(Data(contents), at: 0) }
      try temporary.publish()
    }
  }

  public func writeFile(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) {
    if Task.isCancelled { throw FileError(directory.target(name), .write, .cancelled) }
    try await openingToWrite(directory.target(name), .create) { () throws(FileError) in
      var temporary = try TemporaryFile.make(named: name, in: directory, options)
      temporary.file.makeHandle()
      try temporary.file.throughHandle(.write, at: 0) { try $0.write(buffer.data(0..<count), at: 0) }
      try temporary.publish()
    }
  }
}

extension BlockingEngine {
  /// One file after another.
  public func writeUnpublished(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) -> UnpublishedFile {
    try await writeFile(name, in: directory, from: buffer, count: count, options: options)
    return UnpublishedFile()
  }
}

extension WritableFile {
  /// The descriptor stays the file's own: it is closed by an explicit call, which can fail, not with the handle.
  fileprivate mutating func makeHandle() {
    handle = PositionedHandle(FileHandle(fileDescriptor: descriptor.rawValue, closeOnDealloc: false))
  }

  fileprivate func throughHandle(
    _ operation: FileError.Operation, at offset: Int64? = nil, _ body: (PositionedHandle) throws -> Void
  ) throws(FileError) {
    guard let handle = handle as? PositionedHandle else {
      preconditionFailure("the file was opened by another engine")
    }
    do {
      try body(handle)
    } catch {
      throw FileError(reference, operation, offset: offset, .system(Errno(error)))
    }
  }
}

extension IOBuffer {
  fileprivate func data(_ range: Range<Int>) -> Data {
    withBytes(range.upperBound) { bytes in bytes.extracting(range).withUnsafeBytes { Data($0) } }
  }
}
#endif
