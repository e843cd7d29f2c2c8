import Glibc
import IOUring
import LinuxSystem
import SystemPackage

// A small file through the ring: opened without a name (O_TMPFILE), written and linked to its name by one chain
// (FileChain), and closed. The kernel hands the first two to a worker thread, each once, and the task changes no
// thread. What is left undone, for whatever reason, system calls on a helper thread finish or undo.
//
// Opening under a hidden name into a direct descriptor would make it a single chain; but renaming costs more than
// linking, a crash leaves the hidden name behind, and no call for permissions reaches a direct descriptor.
extension UringEngine {
  public func writeFile(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) {
    precondition(count >= 0 && count <= buffer.capacity, "the buffer holds no such number of bytes")
    let plan = plan(name, directory, count, options)
    switch try await writeByChain(plan, name, directory, buffer, count, options) {
    case .complete: chains.countChain()
    case .finishedByCalls: chains.countCalls()
    case nil:
      try await writeFileByCalls(
        name, in: directory, from: buffer, count: count, options, isBrief: plan.path == .callsOnLoop)
      chains.countCalls()
    }
  }

  /// A chain cannot wait between the write and the name.
  public func writeUnpublished(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) -> UnpublishedFile {
    guard directory.isGrouped(options) else {
      try await writeFile(name, in: directory, from: buffer, count: count, options: options)
      return UnpublishedFile()
    }
    precondition(count >= 0 && count <= buffer.capacity, "the buffer holds no such number of bytes")
    let isBrief = plan(name, directory, count, options).path == .callsOnLoop
    let file = try await writeGrouped(name, in: directory, from: buffer, count: count, options, isBrief: isBrief)
    chains.countCalls()
    return file
  }

  private func plan(
    _ name: [UInt8], _ directory: TargetDirectory, _ count: Int, _ options: FileWriteOptions
  ) -> WritePlan {
    WritePlan(
      choice: configuration.writes, fileSystem: directory.fileSystem,
      refusesUnnamedFiles: directory.refusesUnnamedFiles.load(ordering: .relaxed),
      namesDescriptors: TemporaryFile.canNameDescriptors, nameCount: name.count, byteCount: count, options: options,
      isShortOfDescriptors: DescriptorReserve.isLineNear)
  }

  /// Nil if nothing was done, and calls must do all of it.
  private func writeByChain(
    _ plan: WritePlan, _ name: [UInt8], _ directory: TargetDirectory, _ buffer: IOBuffer, _ count: Int,
    _ options: FileWriteOptions
  ) async throws(FileError) -> ChainedFile.Outcome? {
    guard plan.path == .chain, let permits = chains.permits, !chains.isRefused.load(ordering: .relaxed),
      TargetDirectory.isSingle(name)
    else { return nil }
    let loop = currentLoop ?? nextLoop
    guard await permits.acquire(loop: loop) else { throw FileError(directory.target(name), .write, .cancelled) }
    defer { permits.release(loop: loop) }
    // A directory that must be reached again is a matter for a helper.
    guard let place = directory.kept.borrow() else { return nil }
    defer { directory.kept.giveBack() }
    if Task.isCancelled { throw FileError(directory.target(name), .write, .cancelled) }
    if let end { throw FileError(directory.target(name), .create, end) }
    let file = ChainedFile(
      engine: self, loop: loops[loop], name: name, directory: directory, place: place, buffer: buffer,
      count: count, options: options)
    if currentLoop == loop { return try await file.write() }
    return try await runAsync(on: loops[loop]) { () async throws(FileError) in try await file.write() }
  }
}

/// One file on its way through the ring. It is a value of one task.
struct ChainedFile {
  enum Outcome: Sendable {
    case complete, finishedByCalls
  }

  let engine: UringEngine
  let loop: RingLoop
  let name: [UInt8]
  let directory: TargetDirectory
  /// The directory's descriptor, which is borrowed until the file is written.
  let place: Int32
  let buffer: IOBuffer
  let count: Int
  let options: FileWriteOptions

  private var target: FileReference { directory.target(name) }
  private var placeDescriptor: FileDescriptor { FileDescriptor(rawValue: place) }

  /// Nil if calls must do all of it.
  func write() async throws(FileError) -> Outcome? {
    guard let descriptor = try await open() else { return nil }
    if let permissions = permissionsToSet(descriptor) {
      return try await finishByCalls(descriptor, from: 0, permissions)
    }
    let path = (name + [0]).withCString { FilePath(platformString: $0) }
    var chain = FileChain()
    chain.write(descriptor, from: buffer, count: count)
    if let attributes = options.attributes {
      // Behind the write, which changes the times and takes bits of the mode away; and before the disk and the name.
      if chain.operations != nil, let outcome = try await perform(chain, descriptor) { return outcome }
      try await apply(attributes, descriptor)
      chain = FileChain()
    }
    if options.durability != .none {
      chain.synchronize(descriptor)
      if let outcome = try await perform(chain, descriptor) { return outcome }
      chain = FileChain()
    }
    chain.link(descriptor, to: path, at: placeDescriptor, byDescriptor: linksByDescriptor)
    return try await publish(chain, path, descriptor)
  }

  /// Calls on an inode that has just been made, which the kernel has in memory.
  private func apply(_ attributes: FileAttributes, _ descriptor: FileDescriptor) async throws(FileError) {
    do throws(FileError) {
      try attributes.apply(to: AttributedFile(opened: descriptor, TargetReference(name, in: directory)))
    } catch {
      try? await loop.perform(.close(descriptor))
      throw error
    }
  }

  /// Performs the chain that gives the file its name.
  private func publish(
    _ chain: FileChain, _ path: FilePath, _ descriptor: FileDescriptor
  ) async throws(FileError) -> Outcome {
    let ending = try await ending(of: chain, descriptor)
    if ending == .failed(.link, .fileExists) { return try await replace(path, with: descriptor) }
    if let outcome = try await handle(ending, descriptor) { return outcome }
    return try await close(descriptor)
  }

  // MARK: Opening

  private static let here: FilePath = "."

  /// A file without a name; nil where there is none to be had by the ring.
  private func open() async throws(FileError) -> FileDescriptor? {
    do throws(FileError) {
      return try await openOnce()
    } catch {
      guard error.isShortage else { throw error }
    }
    // Others may give descriptors back, and it is for calls to wait for that.
    return nil
  }

  private func openOnce() async throws(FileError) -> FileDescriptor? {
    let mode: FilePermissions
    switch options.permissions {
    case .kept: mode = FilePermissions(rawValue: 0o666)
    // The owner sets extended attributes only where writing is allowed; then the permissions come last.
    case .exactly where options.attributes?.extended?.isEmpty == false: mode = FilePermissions(rawValue: 0o600)
    case .exactly(let permissions): mode = permissions
    }
    let entry = RingOperation.openUnnamed(in: Self.here, at: placeDescriptor, .writeOnly, permissions: mode)
    let result: Int32
    do throws(Errno) {
      result = try await loop.performToEnd(OperationChain(entry))[0]
    } catch {
      throw FileError(target, .create, engine.cause(error))
    }
    switch -result {
    case ...0: return try admitted(FileDescriptor(rawValue: result))
    // What open(2) says of file systems, and of kernels, that do not know the flag.
    case EOPNOTSUPP, EISDIR, EINVAL:
      directory.refusesUnnamedFiles.store(true, ordering: .relaxed)
      return nil
    case EINTR where !engine.hasFailed, EAGAIN where !engine.hasFailed: return nil
    case let code: throw FileError(target, .create, engine.cause(Errno(rawValue: code)))
    }
  }

  private func admitted(_ descriptor: FileDescriptor) throws(FileError) -> FileDescriptor {
    DescriptorReserve.noteOpened(descriptor.rawValue)
    if DescriptorReserve.admits(descriptor.rawValue) { return descriptor }
    // An empty file without a name: nothing is waited for.
    try? descriptor.close()
    throw FileError(target, .create, .system(.tooManyOpenFiles))
  }

  /// The permissions that were asked for, if the file has others: by the umask, or by the directory's access control
  /// list. Asks the kernel's memory only.
  private func permissionsToSet(_ descriptor: FileDescriptor) -> FilePermissions? {
    guard options.attributes?.permissions == nil, case .exactly(let wanted) = options.permissions else { return nil }
    return Self.permissions(of: descriptor) == wanted ? nil : wanted
  }

  private static func permissions(of descriptor: FileDescriptor) -> FilePermissions? {
    var status = stat()
    return fstat(descriptor.rawValue, &status) == 0 ? FilePermissions(rawValue: status.st_mode & 0o7777) : nil
  }

  // MARK: Chains

  private var linksByDescriptor: Bool { engine.chains.linksByDescriptor.load(ordering: .relaxed) }

  /// Nil if all of it was done, and the file goes on.
  private func perform(_ chain: FileChain, _ descriptor: FileDescriptor) async throws(FileError) -> Outcome? {
    try await handle(try await ending(of: chain, descriptor), descriptor)
  }

  private func ending(
    of chain: FileChain, _ descriptor: FileDescriptor
  ) async throws(FileError) -> FileChain.Ending {
    do throws(Errno) {
      return chain.ending(try await loop.performToEnd(chain.operations!))
    } catch {
      // Nothing was begun.
      try? await loop.perform(.close(descriptor))
      throw FileError(target, .write, engine.cause(error))
    }
  }

  /// Ends the file, unless all of a chain was done: then nil.
  private func handle(
    _ ending: FileChain.Ending, _ descriptor: FileDescriptor
  ) async throws(FileError) -> Outcome? {
    switch ending {
    case .complete: return nil
    case .short(let written): return try await finishByCalls(descriptor, from: written)
    case .failed(let step, let error):
      if let offset = offsetToRepeat(step, error) {
        let outcome = try await finishByCalls(descriptor, from: offset)
        // What the ring has refused calls can do.
        if step == .link && error == .invalidArgument { engine.chains.isRefused.store(true, ordering: .relaxed) }
        if step == .link && error == .noSuchFileOrDirectory {
          engine.chains.linksByDescriptor.store(false, ordering: .relaxed)
        }
        return outcome
      }
      try? await loop.perform(.close(descriptor))
      throw FileError(target, step.operation, offset: step == .write ? 0 : nil, engine.cause(error))
    }
  }

  /// From where calls are to continue after a failure that may not be the file's. Nil if it is.
  private func offsetToRepeat(_ step: FileChain.Step, _ error: Errno) -> Int? {
    // The directory may be gone, or the kernel may want another form of the call, or not know it.
    let mayBeRefused =
      step == .link && (error == .noSuchFileOrDirectory && linksByDescriptor || error == .invalidArgument)
    return isTransient(error) || mayBeRefused ? (step == .write ? 0 : count) : nil
  }

  /// Whether a call may do what an operation has failed to do. A ring that has failed gives such errors too, and the
  /// kernel may be reading the buffer still.
  private func isTransient(_ error: Errno) -> Bool {
    (error == .interrupted || error == .resourceTemporarilyUnavailable) && !engine.hasFailed
  }

  /// The file has its name.
  private func close(_ descriptor: FileDescriptor) async throws(FileError) -> Outcome {
    do throws(Errno) {
      try await loop.perform(.close(descriptor))
    } catch {
      throw FileError(target, .close, engine.cause(error))
    }
    return .complete
  }

  // MARK: Replacing

  /// A link replaces nothing, renaming does: so the file gets a hidden name for a moment.
  ///
  /// What has the name was found by the link, a moment ago, so that looking at it waits for nothing.
  private func replace(_ path: FilePath, with descriptor: FileDescriptor) async throws(FileError) -> Outcome {
    let replaced: stat?
    do throws(FileError) {
      replaced = try TargetPlace(name, in: directory).replaceable(options.replacesExisting)
    } catch {
      try? await loop.perform(.close(descriptor))
      throw error
    }
    // It has gone meanwhile, or the new file must get its permissions.
    guard let replaced else { return try await finishByCalls(descriptor, from: count) }
    if let permissions = permissionsToKeep(replaced, descriptor) {
      return try await finishByCalls(descriptor, from: count, permissions)
    }
    let hidden = HiddenName()
    HiddenName.lock(descriptor)
    var chain = FileChain()
    chain.link(descriptor, to: hidden.path, at: placeDescriptor, byDescriptor: linksByDescriptor)
    chain.rename(hidden.path, to: path, at: placeDescriptor)
    let ending = try await ending(of: chain, descriptor)
    if case .failed(.rename, let error) = ending {
      // Linked once and unlinked, a file without a name can have no further one: it keeps the hidden name until then.
      if isTransient(error) { return try await finishByCalls(descriptor, from: count, hidden: hidden) }
      await remove(hidden)
    }
    if ending == .failed(.link, .fileExists) { return try await finishByCalls(descriptor, from: count) }
    if let outcome = try await handle(ending, descriptor) { return outcome }
    return try await close(descriptor)
  }

  private func permissionsToKeep(_ replaced: stat, _ descriptor: FileDescriptor) -> FilePermissions? {
    // A link's permissions say nothing.
    guard options.attributes?.permissions == nil, case .kept = options.permissions, replaced.st_mode & S_IFMT == S_IFREG
    else { return nil }
    let wanted = FilePermissions(rawValue: replaced.st_mode & 0o777)
    return Self.permissions(of: descriptor) == wanted ? nil : wanted
  }

  private func remove(_ hidden: HiddenName) async {
    try? await engine.blocking(target, .unlink) { () throws(FileError) in _ = unlinkat(place, hidden.bytes, 0) }
  }

  // MARK: By calls

  /// Writes the rest, and gives the file its permissions and its name, in one visit to a helper thread. The descriptor
  /// is closed in any case.
  ///
  /// - Parameter hidden: the name that it has, if it has one.
  private func finishByCalls(
    _ descriptor: FileDescriptor, from offset: Int, _ permissions: FilePermissions? = nil, hidden: HiddenName? = nil
  ) async throws(FileError) -> Outcome {
    let target = target
    try await engine.blocking(target, .write) { () throws(FileError) in
      let file = WritableFile(TargetReference(name, in: directory), descriptor)
      let place = try TargetPlace(name, in: directory)
      var temporary = TemporaryFile(
        file, at: place, hidden, permissions, attributes: options.attributes,
        replacesExisting: options.replacesExisting,
        durability: options.durability)
      try buffer.withBytes(count) { bytes throws(FileError) in
        try temporary.file.writeAll(bytes.extracting(offset..<count), at: Int64(offset))
      }
      try temporary.publish()
    }
    return .finishedByCalls
  }
}

extension HiddenName {
  fileprivate var path: FilePath { FilePath(platformString: bytes) }
}
