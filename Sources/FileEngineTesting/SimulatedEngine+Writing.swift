import FileEngines
import IOUring

// Writing. What other engines do in one visit to a thread is taken to pieces here, so that each can go wrong. A write
// that has begun runs to its end in every engine, so that cancelling it is always too late.
extension SimulatedEngine: BlockingCalls {
  public func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await perform(call(operation, file), file, body)
  }

  /// Once: who tests with it wants to see the failure.
  public func outlastingShortage<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await body()
  }

  public func write(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>, at offset: Int64
  ) async throws(FileError) -> Int {
    let call = call(.write, file.reference, offset)
    let count = transfer(range.count, call)
    return try await perform(call, file.reference) { () throws(FileError) in
      try file.writeOnce(buffer, range.prefix(count), at: offset)
    }
  }

  public func append(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>
  ) async throws(FileError) -> Int {
    let call = call(.write, file.reference)
    let count = transfer(range.count, call)
    return try await perform(call, file.reference) { () throws(FileError) in
      try file.appendOnce(buffer, range.prefix(count))
    }
  }

  /// The descriptor is given back even where closing fails.
  public func close(_ file: consuming WritableFile) async throws(FileError) {
    let reference = file.reference
    // Where the call is made to fail the file is closed when its value goes.
    try await perform(call(.close, reference), reference) { () throws(FileError) in try file.closeReportingErrors() }
  }

  public func publish(_ temporary: consuming TemporaryFile) async throws(FileError) {
    // Where a call is made to fail the file is discarded when its value goes.
    let file = temporary.file.reference
    if temporary.durability != .none { try await perform(call(.sync, file), file) {} }
    try await perform(call(.rename, file), file) { () throws(FileError) in try temporary.publish() }
  }

  public func writeFile(
    at target: FileReference, contents: [UInt8], options: FileWriteOptions
  ) async throws(FileError) {
    if Task.isCancelled { throw FileError(path: target.path, operation: .write, cause: .cancelled) }
    let temporary = try await makeTemporary(for: target, options)
    do throws(FileError) {
      var written = 0
      while written < contents.count { written += try await write(contents[written...], to: temporary.file) }
    } catch {
      await discard(temporary)
      throw error
    }
    try await publish(temporary)
  }

  public func writeFile(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) {
    let target = directory.target(name)
    if Task.isCancelled { throw FileError(path: target.path, operation: .write, cause: .cancelled) }
    let temporary = try await makeTemporary(name, in: directory, options)
    do throws(FileError) {
      var written = 0
      while written < count {
        written += try await write(temporary.file, from: buffer, range: written..<count, at: Int64(written))
      }
    } catch {
      await discard(temporary)
      throw error
    }
    try await publish(temporary)
  }

  /// Writes bytes to the place that their indices name.
  private func write(_ bytes: ArraySlice<UInt8>, to file: borrowing WritableFile) async throws(FileError) -> Int {
    let offset = Int64(bytes.startIndex)
    let call = call(.write, file.reference, offset)
    let piece = bytes.prefix(transfer(min(bytes.count, configuration.bufferSize), call))
    return try await perform(call, file.reference) { () throws(FileError) in
      try file.writeOnce(piece.span.bytes, at: offset)
    }
  }

  @discardableResult
  public func copyFile(
    from source: FileReference, to target: FileReference, options: FileCopyOptions
  ) async throws(FileError) -> Int64 {
    if Task.isCancelled { throw FileError(path: target.path, operation: .copy, cause: .cancelled) }
    if isShutDown { throw FileError(path: target.path, operation: .copy, cause: .engineShutDown) }
    try await perform(call(.open, source), source) {}
    var copy: FileCopy?
    try await perform(call(.create, target), target) { () throws(FileError) in
      copy = try FileCopy(from: source, to: target, options, bufferSize: configuration.bufferSize)
    }
    while let copy {
      if try await advance(copy, to: target) { return copy.offset }
    }
    preconditionFailure("a copy that was begun is there")
  }

  /// Copies a piece, which may be shorter than it could be. Whether it was the last.
  private func advance(_ copy: FileCopy, to target: FileReference) async throws(FileError) -> Bool {
    let call = call(.copy, target, copy.offset)
    return try await perform(call, target, orElse: copy.discard) { () throws(FileError) in
      let isCancelled = Task.isCancelled && !faultPlan.withLock { $0.isCancelledLate(call) }
      return try copy.advance(atMost: transfer(configuration.bufferSize, call), isCancelled: isCancelled)
    }
  }

  private func transfer(_ count: Int, _ call: FaultPlan.Call) -> Int {
    faultPlan.withLock { $0.transfer(count, call) }
  }
}
