import Glibc
import IOUring
import SystemPackage

// Target trees by system calls: what every engine does where it has nothing better.

extension BlockingCalls {
  public func openTarget(
    _ root: FileReference, creating permissions: FilePermissions?
  ) async throws(FileError) -> TargetTree {
    let isSlow = await isOnSlowFileSystem(root)
    return try await opening(root, .open, isSlow: isSlow) { () throws(FileError) in
      try TargetTree(root, creating: permissions)
    }
  }

  public func directory(
    _ path: [UInt8], in tree: TargetTree, creating permissions: FilePermissions?
  ) async throws(FileError) -> TargetDirectory {
    if let known = tree.known(path) { return known }
    return try await opening(tree.root.target(path), .create, isSlow: tree.root.callsMayWait) {
      () throws(FileError) in
      try tree.directory(path, creating: permissions)
    }
  }

  public func makeTemporary(
    _ name: [UInt8], in directory: TargetDirectory, _ options: FileWriteOptions
  ) async throws(FileError) -> TemporaryFile {
    let target = directory.target(name)
    let isSlow = directory.callsMayWait
    var made = try await openingToWrite(target, .create, isSlow: isSlow) { () throws(FileError) in
      try TemporaryFile.make(named: name, in: directory, options)
    }
    made.file.isSlow = isSlow
    return made
  }
}

extension BlockingCalls where Self: FileEngine {
  public func writeFile(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) {
    try await writeFileByCalls(name, in: directory, from: buffer, count: count, options, isBrief: false)
  }

  /// All of it in one visit to a thread, or with others (``Durability/batch``).
  ///
  /// - Parameter isBrief: whether it is worth no visit where the engine has lanes (``briefly(_:_:isSlow:_:)``).
  func writeFileByCalls(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, _ options: FileWriteOptions,
    isBrief: Bool
  ) async throws(FileError) {
    if directory.isGrouped(options) {
      return try await writeGrouped(name, in: directory, from: buffer, count: count, options, isBrief: isBrief)
        .publish()
    }
    if Task.isCancelled { throw FileError(directory.target(name), .write, .cancelled) }
    try await visit(directory.target(name), directory, isBrief: isBrief) { () throws(FileError) in
      var temporary = try TemporaryFile.written(name, in: directory, from: buffer, count: count, options)
      try temporary.publish()
    }
  }

  public func writeUnpublished(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, options: FileWriteOptions
  ) async throws(FileError) -> UnpublishedFile {
    if directory.isGrouped(options) {
      return try await writeGrouped(name, in: directory, from: buffer, count: count, options, isBrief: false)
    }
    try await writeFile(name, in: directory, from: buffer, count: count, options: options)
    return UnpublishedFile()
  }

  /// All but the name, for which the file joins the directory's group. Where that is to be committed, or descriptors
  /// are scarce, the commit is waited for here, which waits for no other file: so it comes whatever order the caller
  /// keeps.
  func writeGrouped(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, _ options: FileWriteOptions,
    isBrief: Bool
  ) async throws(FileError) -> UnpublishedFile {
    if Task.isCancelled { throw FileError(directory.target(name), .write, .cancelled) }
    var written: GroupedFile?
    var isScarce = false
    try await visit(directory.target(name), directory, isBrief: isBrief) { () throws(FileError) in
      var temporary = try TemporaryFile.written(name, in: directory, from: buffer, count: count, options)
      try temporary.prepareForGroup()
      isScarce = !temporary.place.isBorrowed || DescriptorReserve.isScarce(temporary.file.descriptor.rawValue)
      written = GroupedFile(temporary)
    }
    guard let written else { preconditionFailure("a file that was written is there") }
    let file = UnpublishedFile(written, in: directory.syncGroup, by: self)
    let isDue = directory.syncGroup.add(written)
    if isScarce || isDue { try await file.publish() }
    return file
  }

  private func visit(
    _ target: @autoclosure () -> FileReference, _ directory: TargetDirectory, isBrief: Bool,
    _ write: () throws(FileError) -> Void
  ) async throws(FileError) {
    if !isBrief { return try await openingToWrite(target(), .create, isSlow: directory.callsMayWait, write) }
    try await openingBriefly(target(), .create, isSlow: directory.callsMayWait, write)
  }
}

extension TemporaryFile {
  /// The contents of a buffer in a file that is to have a name in a directory of a target tree. What has the name is
  /// found when the file is to get it. Blocks on the disk.
  fileprivate static func written(
    _ name: [UInt8], in directory: TargetDirectory, from buffer: IOBuffer, count: Int, _ options: FileWriteOptions
  ) throws(FileError) -> TemporaryFile {
    let place = try TargetPlace(name, in: directory, isSynchronized: options.durability == .fileAndDirectory)
    let temporary = try make(at: place, options, looksFirst: false)
    try buffer.withBytes(count) { bytes throws(FileError) in try temporary.file.writeAll(bytes, at: 0) }
    return temporary
  }

  /// A temporary file that is to have a name in a directory of a target tree. Blocks on the disk.
  package static func make(
    named name: [UInt8], in directory: TargetDirectory, _ options: FileWriteOptions
  ) throws(FileError) -> TemporaryFile {
    try make(at: TargetPlace(name, in: directory, isSynchronized: options.durability == .fileAndDirectory), options)
  }
}

extension TargetDirectory {
  /// Whether files are brought to the disk together. A daemon or a server may not hear of syncfs(2).
  func isGrouped(_ options: FileWriteOptions) -> Bool {
    options.durability == .batch && !callsMayWait
  }

  /// The name, if it is a single one: anything else would be resolved as a path, and lead elsewhere.
  func checked(_ name: [UInt8]) throws(FileError) -> [UInt8] {
    if Self.isSingle(name) { return name }
    let target = target(name)
    if name.isEmpty { throw FileError(target, .create, .system(.noSuchFileOrDirectory)) }
    if name.contains(0) { throw FileError(target, .create, .nulInPath) }
    if name.contains(UInt8(ascii: "/")) { throw FileError(target, .create, .system(.invalidArgument)) }
    throw FileError(target, .create, .isDirectory)
  }

  static func isSingle(_ name: [UInt8]) -> Bool {
    let isDot = name.count <= 2 && name.allSatisfy { $0 == UInt8(ascii: ".") }
    return !isDot && !name.contains { $0 == 0 || $0 == UInt8(ascii: "/") }
  }
}
