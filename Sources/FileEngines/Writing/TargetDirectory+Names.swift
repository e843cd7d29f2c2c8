import Glibc
import LinuxSystem
import SystemPackage

// What is made in a target tree beside regular files, and what is asked of names there. The calls block on the disk:
// they are for FileWriting.visit. No name is followed.

extension BlockingCalls {
  public func visit<R: Sendable>(
    _ directory: TargetDirectory, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await opening(directory.target([]), operation, isSlow: directory.callsMayWait, body)
  }

  public func visitBriefly<R: Sendable>(
    _ directory: TargetDirectory, _ operation: FileError.Operation, _ body: () throws(FileError) -> R
  ) async throws(FileError) -> R {
    try await openingBriefly(directory.target([]), operation, isSlow: directory.callsMayWait, body)
  }
}

extension BlockingCalls {
  public func status(
    of name: [UInt8], in directory: TargetDirectory
  ) async throws(FileError) -> FileStatus? {
    try await visit(directory, .stat) { () throws(FileError) in try directory.status(of: name) }
  }
}

extension UringEngine {
  /// On a loop itself where the kernel's caches have the answer.
  public func status(
    of name: [UInt8], in directory: TargetDirectory
  ) async throws(FileError) -> FileStatus? {
    if currentLoop != nil, !directory.callsMayWait, directory.isInCaches(name) {
      return try directory.status(of: name)
    }
    return try await visit(directory, .stat) { () throws(FileError) in try directory.status(of: name) }
  }
}

extension TargetDirectory {
  /// Whether the kernel's caches can say what has the name, or that nothing has, so that asking waits for nothing. Not
  /// if something is mounted there. Makes one call, if the directory is open.
  func isInCaches(_ name: [UInt8]) -> Bool {
    guard Self.isSingle(name), let place = borrowIfKept() else { return false }
    let result = DescriptorReserve.withHeadroom {
      (name + [0]).withCString {
        openCached(place.descriptor, $0, Opening.pathOnlyFlags | O_NOFOLLOW, withinMount: true)
      }
    }
    if result >= 0 { _ = Glibc.close(result) }
    return result >= 0 || result == -ENOENT
  }

  /// Which directory it is.
  package var identity: FileIdentity? { kept.identity }

  /// What has the name, if anything.
  package func status(of name: [UInt8]) throws(FileError) -> FileStatus? {
    let memory = FileStatus.Memory()
    let checked = try checked(name)
    do throws(Errno) {
      let place = try borrow()
      let result = retryOnNegatedInterrupt {
        readStatus(place.descriptor, checked.terminated, followSymbolicLink: false, into: memory)
      }
      if result == -ENOENT { return nil }
      if result < 0 { throw Errno(rawValue: -result) }
      return memory.status
    } catch {
      throw FileError(target(name), .stat, .system(error))
    }
  }

  // MARK: Making

  /// A symbolic link; what has the name is replaced if it may be. See ``putHidden(_:replaces:_:_:finish:)``.
  package func makeSymbolicLink(
    _ name: [UInt8], to destination: [UInt8], _ attributes: FileAttributes, replaces: Bool
  ) throws(FileError) {
    let place = try TargetPlace(name, in: self)
    try putHidden(place, replaces: replaces, .link) { directory, name in
      (destination + [0]).withCString { destination in negatedErrno { symlinkat(destination, directory, name) } }
    } finish: { made, status throws(FileError) in
      guard status.st_mode & S_IFMT == S_IFLNK else { throw made.failure(ESTALE) }
      try attributes.apply(to: made)
    }
  }

  /// A FIFO, a socket or a device (mknod(2)).
  package func makeSpecialFile(
    _ name: [UInt8], like status: FileStatus, _ attributes: FileAttributes, replaces: Bool
  ) throws(FileError) {
    let place = try TargetPlace(name, in: self)
    let device = dev_t(FileIdentity.number(of: status.represented))
    // Nobody else's until it has its permissions.
    let mode = status.kind.specialMode | 0o600
    try putHidden(place, replaces: replaces, .create) { directory, name in
      negatedErrno { mknodat(directory, name, mode, device) }
    } finish: { made, found throws(FileError) in
      guard found.st_mode & S_IFMT == mode & S_IFMT && found.st_rdev == device else { throw made.failure(ESTALE) }
      try attributes.apply(to: made)
    }
  }

  /// A further name for a file of the tree (linkat(2)).
  ///
  /// - Returns: false if the name is that file's already.
  package func link(
    _ name: [UInt8], to file: [UInt8], in directory: TargetDirectory, replaces: Bool
  ) throws(FileError) -> Bool {
    let source = try TargetPlace(file, in: directory)
    let place = try TargetPlace(name, in: self)
    if let own = try place.existing(), let other = try source.existing(), FileIdentity(own) == FileIdentity(other) {
      return false
    }
    let make = { (directory: Int32, name: UnsafePointer<CChar>) in
      negatedErrno { linkat(source.directory.rawValue, source.name, directory, name, 0) }
    }
    let result = make(place.directory.rawValue, place.name)
    if result == 0 { return true }
    if result != -EEXIST { throw FileError(place.target, .link, .system(Errno(rawValue: -result))) }
    try putHidden(place, replaces: replaces, .link, make, finish: nil)
    return true
  }

  /// Makes something under a hidden name, completes it, and renames it.
  ///
  /// A process that takes the hidden name for a leftover removes it (``TargetTree/removeLeftovers(in:)``): then it is
  /// made again.
  ///
  /// - Parameters:
  ///   - make: answers a negated errno if it fails.
  ///   - finish: completes what was made, whatever has the name by then. If it throws that is removed.
  private func putHidden(
    _ place: TargetPlace, replaces: Bool, _ operation: FileError.Operation,
    _ make: (Int32, UnsafePointer<CChar>) -> Int32,
    finish: ((AttributedFile, stat) throws(FileError) -> Void)?
  ) throws(FileError) {
    let directory = place.directory.rawValue
    for _ in 0..<HiddenName.attempts {
      let hidden = HiddenName()
      let made = make(directory, hidden.bytes)
      if made == -EEXIST { continue }
      if made != 0 { throw FileError(place.target, operation, .system(Errno(rawValue: -made))) }
      // Of two names of one file rename(2) removes none.
      defer { place.remove(hidden) }
      guard try finish.map({ finish throws(FileError) in try complete(hidden, place, finish) }) ?? true else {
        continue
      }
      let renamed = try rename(hidden, place, replaces: replaces)
      if renamed == 0 { return }
      if renamed != -ENOENT { throw FileError(place.target, .rename, .system(Errno(rawValue: -renamed))) }
    }
    throw FileError(place.target, operation, .system(.fileExists))
  }

  /// False if what was made has no name any more.
  private func complete(
    _ hidden: HiddenName, _ place: TargetPlace, _ finish: (AttributedFile, stat) throws(FileError) -> Void
  ) throws(FileError) -> Bool {
    let opened: FileDescriptor
    do throws(Errno) {
      opened = try Self.openNamed(hidden.bytes, in: place.directory.rawValue)
    } catch {
      if error == .noSuchFileOrDirectory { return false }
      throw FileError(place.target, .attributes, .system(error))
    }
    defer { try? opened.close() }
    let made = AttributedFile(named: opened, place.file)
    let status = try made.status()
    // What was made has no other name. What has one, another process has put there.
    guard status.st_nlink <= 1 else { throw made.failure(ESTALE) }
    try finish(made, status)
    return true
  }

  /// Answers a negated errno if it fails: `ENOENT` if the hidden name has gone.
  private func rename(_ hidden: HiddenName, _ place: TargetPlace, replaces: Bool) throws(FileError) -> Int32 {
    let directory = place.directory.rawValue
    let result = renameWithoutReplacing(directory, hidden.bytes, place.name) == 0 ? 0 : -errno
    if result != -EEXIST { return result }
    _ = try place.replaceable(replaces)
    return negatedErrno { renameat(directory, hidden.bytes, directory, place.name) }
  }

  // MARK: Attributes

  /// Sets the directory's own.
  ///
  /// - Returns: whether anything was changed.
  package func setAttributes(_ attributes: FileAttributes) throws(FileError) -> Bool {
    newFilesEnd()
    return try withItself { file throws(FileError) in try attributes.apply(to: file) }
  }

  func withItself<R>(_ body: (AttributedFile) throws(FileError) -> R) throws(FileError) -> R {
    let file = FileReference(path: path)
    let place: BorrowedDirectory
    do throws(Errno) {
      place = try borrow()
    } catch {
      throw FileError(file, .attributes, .system(error))
    }
    return try body(AttributedFile(named: FileDescriptor(rawValue: place.descriptor), TargetReference(file)))
  }

  /// Sets those of what has the name.
  ///
  /// - Parameter kind: what it was.
  /// - Returns: whether anything was changed.
  package func setAttributes(
    _ attributes: FileAttributes, of name: [UInt8], _ kind: FileStatus.Kind
  ) throws(FileError) -> Bool {
    try withNamed(name, kind) { file throws(FileError) in try attributes.apply(to: file) }
  }

  /// Whether what has the name has other extended attributes.
  package func differs(
    from extended: [FileAttributes.Extended], _ name: [UInt8], _ kind: FileStatus.Kind
  ) throws(FileError) -> Bool {
    try withNamed(name, kind) { file throws(FileError) in try ExtendedUpdate.isNeeded(file, extended) }
  }

  private func withNamed<R>(
    _ name: [UInt8], _ kind: FileStatus.Kind, _ body: (AttributedFile) throws(FileError) -> R
  ) throws(FileError) -> R {
    let target = target(name)
    let place = try TargetPlace(name, in: self)
    let opened: FileDescriptor
    do throws(Errno) {
      opened = try Self.openNamed(place.name, in: place.directory.rawValue)
    } catch {
      throw FileError(target, .attributes, .system(error))
    }
    defer { try? opened.close() }
    let file = AttributedFile(named: opened, place.file)
    // Something else has the name by now.
    if FileStatus.Kind(mode: try file.status().st_mode) != kind { throw file.failure(ESTALE) }
    return try body(file)
  }

  /// A descriptor that only names what has the name, a link itself.
  private static func openNamed(_ name: UnsafePointer<CChar>, in directory: Int32) throws(Errno) -> FileDescriptor {
    try DescriptorShortage.opening { negatedErrno { openat(directory, name, Opening.pathOnlyFlags | O_NOFOLLOW) } }
  }

  /// Where a symbolic link leads, by its text.
  package func destination(of name: [UInt8]) throws(FileError) -> [UInt8] {
    let target = target(name)
    let place = try TargetPlace(name, in: self)
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
    directory.kept == nil ? path : directory.rootOfWalk.place?.path ?? path
  }

  /// Whether it was given as a path, and not listed.
  package var isRoot: Bool { directory.kept == nil }
}
