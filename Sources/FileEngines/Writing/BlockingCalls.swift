import IOUring
import SystemPackage

/// An engine that has threads which system calls may block. It writes by making the calls of ``FileWriting`` there.
///
/// The engine of rings is one, too: the kernel would hand each buffered write, creation and renaming to a worker thread
/// of its own, one by one, which costs a task that awaits it 8 to 20 µs where the system call takes 2 (measured in C on
/// two cores). Small files in a target tree are another matter (``WritePlan``): there a chain of operations is handed
/// over once.
public protocol BlockingCalls: FileWriting {
  /// Runs `body` on a thread of the engine's own that may block: on the present one, if it is such a thread.
  ///
  /// `body` is run by the task that calls, so it can ask whether that was cancelled.
  ///
  /// - Parameters:
  ///   - file: what an error names if there is no thread to be had.
  ///   - operation: likewise.
  func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R

  /// The same, with threads to choose from.
  ///
  /// - Parameter isSlow: whether `body` may ask a daemon or a server (``isOnSlowFileSystem(_:)``). What waits for one
  ///   must not keep calls from the threads that disks are waited for on.
  func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, isSlow: Bool, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R

  /// Runs `body`, which seldom reads from a disk: its calls are on what is in memory, or is new. On a lane of the
  /// engine that is worth no change of threads, unless `isSlow` says that it may ask a daemon or a server. (Where more
  /// is written than the disk takes it waits, as it would elsewhere.)
  func briefly<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, isSlow: Bool,
    _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R

  /// Whether calls on the file, or on a new file of this name, may ask a daemon or a server, as far as that can be told
  /// without asking one. False for an engine to whose threads it makes no difference.
  func isOnSlowFileSystem(_ file: FileReference) async -> Bool

  /// Whether the engine has been shut down, so that nothing more is to be opened.
  var isShutDown: Bool { get }

  /// Calls `body`, which opens something or has nothing open when it throws; if it fails for want of a descriptor,
  /// again until others have given some back. An engine that makes up failures calls it once.
  ///
  /// - Parameters:
  ///   - file: what the error names if the task is cancelled while it waits.
  ///   - operation: likewise.
  func outlastingShortage<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R
}

extension BlockingCalls {
  public func blocking<R: ~Copyable & Sendable>(
    _ file: FileReference, _ operation: FileError.Operation, isSlow: Bool, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await blocking(file, operation, body)
  }

  public func briefly<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, isSlow: Bool,
    _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await blocking(file(), operation, isSlow: isSlow, body)
  }

  public func isOnSlowFileSystem(_ file: FileReference) async -> Bool { false }

  /// Waits for two seconds at most after the last time that any task got a descriptor.
  public func outlastingShortage<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, _ body: () async throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await DescriptorShortage.outlasting(file(), operation, body)
  }

  /// A visit to a thread that opens something.
  package func opening<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, isSlow: Bool = false,
    _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if isShutDown { throw FileError(file(), operation, .engineShutDown) }
    return try await outlastingShortage(file(), operation) { () async throws(FileError) in
      try await blocking(file(), operation, isSlow: isSlow, body)
    }
  }

  /// The same without a visit where that is not worth one (``briefly(_:_:isSlow:_:)``).
  func openingBriefly<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, isSlow: Bool,
    _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    if isShutDown { throw FileError(file(), operation, .engineShutDown) }
    return try await outlastingShortage(file(), operation) { () async throws(FileError) in
      try await briefly(file(), operation, isSlow: isSlow, body)
    }
  }

  /// ``opening(_:_:isSlow:_:)`` for a file that is written: on a lane whose thread makes the calls itself, a task that
  /// writes one file after another lets the other tasks have a turn before each. (For reading that is ``FileReader``'s
  /// business.)
  func openingToWrite<R: ~Copyable & Sendable>(
    _ file: @autoclosure () -> FileReference, _ operation: FileError.Operation, isSlow: Bool = false,
    _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    await Task.yield()
    return try await opening(file(), operation, isSlow: isSlow, body)
  }
}

// MARK: The calls of FileWriting, each in one visit to a thread

extension BlockingCalls {
  public func openForWriting(
    _ file: FileReference, _ mode: WritingMode, permissions: FilePermissions
  ) async throws(FileError) -> WritableFile {
    let isSlow = await isOnSlowFileSystem(file)
    var opened = try await openingToWrite(file, .open, isSlow: isSlow) { () throws(FileError) in
      try WritableFile.open(file, mode, permissions)
    }
    opened.isSlow = isSlow
    return opened
  }

  public func write(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>, at offset: Int64
  ) async throws(FileError) -> Int {
    try await blocking(file.reference, .write, isSlow: file.isSlow) { () throws(FileError) in
      try file.writeOnce(buffer, range, at: offset)
    }
  }

  public func append(
    _ file: borrowing WritableFile, from buffer: IOBuffer, range: Range<Int>
  ) async throws(FileError) -> Int {
    try await blocking(file.reference, .write, isSlow: file.isSlow) { () throws(FileError) in
      try file.appendOnce(buffer, range)
    }
  }

  public func synchronize(_ file: borrowing WritableFile, dataOnly: Bool) async throws(FileError) {
    try await blocking(file.reference, .sync, isSlow: file.isSlow) { () throws(FileError) in
      try file.synchronize(dataOnly: dataOnly)
    }
  }

  public func setSize(_ file: borrowing WritableFile, to size: Int64) async throws(FileError) {
    try await blocking(file.reference, .truncate, isSlow: file.isSlow) { () throws(FileError) in try file.setSize(size)
    }
  }

  public func close(_ file: consuming WritableFile) async throws(FileError) {
    let (reference, isSlow) = (file.reference, file.isSlow)
    try await blocking(reference, .close, isSlow: isSlow) { () throws(FileError) in
      try file.closeReportingErrors()
    }
  }

  public func makeTemporary(
    for target: FileReference, _ options: FileWriteOptions
  ) async throws(FileError) -> TemporaryFile {
    let isSlow = await isOnSlowFileSystem(target)
    var made = try await openingToWrite(target, .create, isSlow: isSlow) { () throws(FileError) in
      try TemporaryFile.make(for: target, options)
    }
    made.file.isSlow = isSlow
    return made
  }

  public func publish(_ temporary: consuming TemporaryFile) async throws(FileError) {
    let (reference, isSlow) = (temporary.file.reference, temporary.file.isSlow)
    try await blocking(reference, .rename, isSlow: isSlow) { () throws(FileError) in try temporary.publish() }
  }

  public func discard(_ temporary: consuming TemporaryFile) async {
    // There is a thread: it made the file.
    let (reference, isSlow) = (temporary.file.reference, temporary.file.isSlow)
    try? await blocking(reference, .unlink, isSlow: isSlow) { () throws(FileError) in temporary.discard() }
  }

  public func writeFile(
    at target: FileReference, contents: [UInt8], options: FileWriteOptions
  ) async throws(FileError) {
    if Task.isCancelled { throw FileError(target, .write, .cancelled) }
    let isSlow = await isOnSlowFileSystem(target)
    try await openingToWrite(target, .create, isSlow: isSlow) { () throws(FileError) in
      var temporary = try TemporaryFile.make(for: target, options)
      try temporary.file.writeAll(contents.span.bytes, at: 0)
      try temporary.publish()
    }
  }
}

extension BlockingCalls where Self: FileEngine {
  @discardableResult
  public func copyFile(
    from source: FileReference, to target: FileReference, options: FileCopyOptions
  ) async throws(FileError) -> Int64 {
    if Task.isCancelled { throw FileError(target, .copy, .cancelled) }
    var isSlow = await isOnSlowFileSystem(target)
    if !isSlow { isSlow = await isOnSlowFileSystem(source) }
    let (bufferSize, mover) = (configuration.alignedBufferSize, self as? any ByteTransferring)
    return try await copy(to: target, isSlow: isSlow, options.progress) { () throws(FileError) in
      try FileCopy(from: source, to: target, options, bufferSize: bufferSize, by: mover)
    }
  }

  public func copyFile(
    from source: FileReference, excluding excluded: [FileIdentity], to name: [UInt8], in directory: TargetDirectory,
    options: FileCopyOptions
  ) async throws(FileError) -> Int64 {
    let target = directory.target(name)
    if Task.isCancelled { throw FileError(target, .copy, .cancelled) }
    var isSlow = directory.callsMayWait
    if !isSlow { isSlow = await isOnSlowFileSystem(source) }
    let (bufferSize, mover) = (configuration.alignedBufferSize, self as? any ByteTransferring)
    return try await copy(to: target, isSlow: isSlow, options.progress) { () throws(FileError) in
      let isSynchronized = options.durability == .fileAndDirectory
      let place = try TargetPlace(name, in: directory, isSynchronized: isSynchronized)
      return try FileCopy(from: source, to: place, excluding: excluded, options, bufferSize: bufferSize, by: mover)
    }
  }

  /// A small file takes one visit to a thread. A large one comes back for every piece, so that others get their turn.
  private func copy(
    to target: FileReference, isSlow: Bool, _ progress: FileCopyProgress?, _ begin: () throws(FileError) -> FileCopy
  ) async throws(FileError) -> Int64 {
    var begun: FileCopy?
    var isComplete = try await openingToWrite(target, .copy, isSlow: isSlow) { () throws(FileError) in
      let copy = try begin()
      begun = copy
      return try copy.advance()
    }
    guard let copy = begun else { preconditionFailure("a copy that was begun is there") }
    progress?.add(copy.offset)
    while !isComplete {
      await Task.yield()
      let before = copy.offset
      isComplete = try await blocking(target, .copy, isSlow: isSlow) { () throws(FileError) in try copy.advance() }
      progress?.add(copy.offset - before)
    }
    return copy.offset
  }
}
