import Glibc
import IOUring
import SystemPackage

// What is made in a target tree beside regular files, and what is asked of names there. The calls block on the disk:
// they are for FileWriting.visit. No name is followed.

extension BlockingCalls {
  public func visit<R: Sendable>(
    _ directory: TargetDirectory, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await opening(directory.target([]), operation, isSlow: directory.callsMayWait, body)
  }
}

extension TargetDirectory {
  /// Which directory it is.
  package var identity: FileIdentity? { kept.identity }

  /// What has the name, if anything.
  package func status(of name: [UInt8]) throws(FileError) -> FileStatus? {
    let memory = FileStatus.Memory()
    let name = try Self.checked(name, target(name))
    do throws(Errno) {
      let place = try borrow()
      let result = (name + [0]).withCString { name in
        retryOnNegatedInterrupt { readStatus(place.descriptor, name, followSymbolicLink: false, into: memory) }
      }
      if result == -ENOENT { return nil }
      if result < 0 { throw Errno(rawValue: -result) }
      return memory.status
    } catch {
      throw FileError(target(name), .stat, .system(error))
    }
  }

  // MARK: Making

  /// A symbolic link; what has the name is replaced if it may be. See ``put(_:replaces:_:_:finish:)``.
  package func makeSymbolicLink(
    _ name: [UInt8], to destination: [UInt8], _ attributes: FileAttributes, replaces: Bool
  ) throws(FileError) {
    let place = try TargetPlace(target(name), named: name, in: self, isSynchronized: false)
    try put(place, replaces: replaces, .link) { directory, name in
      (destination + [0]).withCString { destination in negatedErrno { symlinkat(destination, directory, name) } }
    } finish: { directory, name throws(FileError) in
      try attributes.apply(toName: name, in: directory, isLink: true, place.target)
    }
  }

  /// A FIFO, a socket or a device (mknod(2)).
  package func makeSpecialFile(
    _ name: [UInt8], like status: FileStatus, _ attributes: FileAttributes, replaces: Bool
  ) throws(FileError) {
    let place = try TargetPlace(target(name), named: name, in: self, isSynchronized: false)
    let device = dev_t(FileIdentity.number(of: status.represented))
    try put(place, replaces: replaces, .create) { directory, name in
      // Nobody else's until it has its permissions.
      negatedErrno { mknodat(directory, name, status.kind.specialMode | 0o600, device) }
    } finish: { directory, name throws(FileError) in
      try attributes.apply(toName: name, in: directory, isLink: false, place.target)
    }
  }

  /// A further name for a file of the tree (linkat(2)).
  ///
  /// - Returns: false if the name is that file's already.
  package func link(
    _ name: [UInt8], to file: [UInt8], in directory: TargetDirectory, replaces: Bool
  ) throws(FileError) -> Bool {
    let source = try TargetPlace(directory.target(file), named: file, in: directory, isSynchronized: false)
    let place = try TargetPlace(target(name), named: name, in: self, isSynchronized: false)
    if let own = try place.existing(), let other = try source.existing(), FileIdentity(own) == FileIdentity(other) {
      return false
    }
    try put(place, replaces: replaces, .link) { directory, name in
      negatedErrno { linkat(source.directory.rawValue, source.name, directory, name, 0) }
    } finish: { _, _ in
    }
    return true
  }

  /// Makes something under the name if that is free; else under a hidden name, which is renamed then.
  ///
  /// - Parameters:
  ///   - make: answers a negated errno if it fails.
  ///   - finish: what was made under a name. If it throws that is removed.
  private func put(
    _ place: TargetPlace, replaces: Bool, _ operation: FileError.Operation,
    _ make: (Int32, UnsafePointer<CChar>) -> Int32,
    finish: (Int32, UnsafePointer<CChar>) throws(FileError) -> Void
  ) throws(FileError) {
    let directory = place.directory.rawValue
    func complete(_ name: [CChar]) throws(FileError) {
      do throws(FileError) {
        try finish(directory, name)
      } catch {
        unlinkat(directory, name, 0)
        throw error
      }
    }
    let result = make(directory, place.name)
    if result == 0 { return try complete(place.name) }
    if result != -EEXIST { throw FileError(place.target, operation, .system(Errno(rawValue: -result))) }
    _ = try place.replaceable(replaces)
    for _ in 0..<HiddenName.attempts {
      let hidden = HiddenName()
      let result = make(directory, hidden.bytes)
      if result == -EEXIST { continue }
      if result != 0 { throw FileError(place.target, operation, .system(Errno(rawValue: -result))) }
      try complete(hidden.bytes)
      let renamed = negatedErrno { renameat(directory, hidden.bytes, directory, place.name) }
      // Of two names of one file rename(2) removes none.
      unlinkat(directory, hidden.bytes, 0)
      if renamed == 0 { return }
      throw FileError(place.target, .rename, .system(Errno(rawValue: -renamed)))
    }
    throw FileError(place.target, operation, .system(.fileExists))
  }

  // MARK: Attributes

  /// Sets the directory's own.
  ///
  /// - Returns: whether anything was changed.
  package func setAttributes(_ attributes: FileAttributes) throws(FileError) -> Bool {
    try withOpened(".", O_RDONLY | O_DIRECTORY, directoryReference) { file throws(FileError) in
      try attributes.apply(to: file, directoryReference)
    }
  }

  var directoryReference: FileReference { FileReference(path: path) }

  /// Sets those of what has the name.
  ///
  /// - Parameter kind: what it was.
  /// - Returns: whether anything was changed.
  package func setAttributes(
    _ attributes: FileAttributes, of name: [UInt8], _ kind: FileStatus.Kind
  ) throws(FileError) -> Bool {
    let target = target(name)
    let place = try TargetPlace(target, named: name, in: self, isSynchronized: false)
    if kind != .regular {
      return try attributes.apply(
        toName: place.name, in: place.directory.rawValue, isLink: kind == .symbolicLink, target)
    }
    return try withOpened(place.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, target) { file throws(FileError) in
      try attributes.apply(to: file, target)
    }
  }

  func withOpened<R>(
    _ name: UnsafePointer<CChar>, _ flags: Int32, _ file: FileReference,
    _ body: (FileDescriptor) throws(FileError) -> R
  ) throws(FileError) -> R {
    let opened: FileDescriptor
    do throws(Errno) {
      let place = try borrow()
      opened = try DescriptorShortage.opening { negatedErrno { openat(place.descriptor, name, flags | O_CLOEXEC) } }
    } catch {
      throw FileError(file, .attributes, .system(error))
    }
    defer { try? opened.close() }
    return try body(opened)
  }

  /// Where a symbolic link leads, by its text.
  package func destination(of name: [UInt8]) throws(FileError) -> [UInt8] {
    let target = target(name)
    let place = try TargetPlace(target, named: name, in: self, isSynchronized: false)
    // Of a longer one the beginning, which equals no path that a link can be made with.
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes { memory in
      readlinkat(place.directory.rawValue, place.name, memory.bindMemory(to: CChar.self).baseAddress!, memory.count)
    }
    if count < 0 { throw FileError(target, .stat, .system(Errno(rawValue: errno))) }
    return Array(bytes.prefix(count))
  }
}

extension FileStatus.Kind {
  /// The type bits for mknod(2).
  fileprivate var specialMode: mode_t {
    switch self {
    case .fifo: S_IFIFO
    case .socket: S_IFSOCK
    case .characterDevice: S_IFCHR
    case .blockDevice: S_IFBLK
    default: preconditionFailure("a special file")
    }
  }
}

extension FileIdentity {
  /// Of a file that statx(2) has told of.
  package init(_ status: FileStatus) {
    (device, inode) = (Self.number(of: status.device), status.inode)
  }

  /// As makedev(3) makes it.
  static func number(of device: FileStatus.Device) -> UInt64 {
    let (major, minor) = (UInt64(device.major), UInt64(device.minor))
    return minor & 0xff | (major & 0xfff) << 8 | (minor & ~0xff) << 12 | (major & ~0xfff) << 32
  }
}

extension FileReference {
  /// The root of the walk that has listed it, as that was given; of a path that was given the path.
  package var rootOfWalk: [UInt8] {
    if directory.kept == nil { return path }
    var root = directory
    while let parent = root.parent, parent.kept != nil { root = parent }
    return root.place?.path ?? path
  }

  /// Whether it was given as a path, and not listed.
  package var isRoot: Bool { directory.kept == nil }
}
