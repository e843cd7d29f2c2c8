import Glibc
import LinuxSystem
import SystemPackage

// Making, publishing and removing a file that gets its name when it is complete. All of it blocks on the disk.

extension TemporaryFile {
  static func make(for target: FileReference, _ options: FileWriteOptions) throws(FileError) -> TemporaryFile {
    try make(at: TargetPlace(target, isSynchronized: options.durability == .fileAndDirectory), options)
  }

  /// - Parameter looksFirst: whether what would stop the file from being published is to stop it from being made.
  static func make(
    at place: TargetPlace, _ options: FileWriteOptions, looksFirst: Bool = true
  ) throws(FileError) -> TemporaryFile {
    let keepsPermissions = options.permissions == .kept && options.attributes?.permissions == nil
    let replaced = looksFirst || keepsPermissions ? try place.replaceable(options.replacesExisting) : nil
    let permissions: FilePermissions? =
      switch options.permissions {
      case .exactly(let permissions): permissions
      // A link's permissions say nothing.
      case .kept:
        replaced.flatMap { $0.st_mode & S_IFMT == S_IFREG ? FilePermissions(rawValue: $0.st_mode & 0o777) : nil }
      }
    return try make(at: place, permissions, options)
  }

  /// - Parameter permissions: nil for what the umask leaves of 0666. Under a hidden name it is nobody's but the
  ///   owner's.
  static func make(
    at place: TargetPlace, _ permissions: FilePermissions?, _ options: FileWriteOptions
  ) throws(FileError) -> TemporaryFile {
    let wanted = options.attributes?.permissions ?? permissions
    // Mostly the umask leaves them as they are, and nothing need be set.
    let unnamed = options.needsHiddenName ? nil : try unnamed(in: place, (wanted?.rawValue ?? 0o666) & 0o777)
    let made = if let unnamed { unnamed } else { try named(in: place, wanted == nil ? 0o666 : 0o600) }
    // A hidden name is its owner's alone, whatever permissions were asked for.
    let newFiles = unnamed == nil ? nil : place.newFiles
    return TemporaryFile(
      WritableFile(place.file, made.descriptor), at: place, made.name, permissions,
      attributes: options.attributes, replacesExisting: options.replacesExisting, durability: options.durability,
      newFiles: newFiles)
  }

  // MARK: Making

  private struct Made {
    let descriptor: FileDescriptor
    var name: HiddenName?
  }

  /// `O_TMPFILE` of open(2), which the C library shows only to those who ask for GNU's extensions.
  private static let temporaryFlag = 0o20000000 | O_DIRECTORY

  /// `AT_EMPTY_PATH`, likewise.
  private static let emptyPathFlag: Int32 = 0x1000

  /// Linking a bare descriptor would ask for a right.
  static let canNameDescriptors = access(Opening.ownDescriptors, X_OK) == 0

  /// Nil where there is no such thing.
  private static func unnamed(
    in place: TargetPlace, _ mode: mode_t
  ) throws(FileError) -> Made? {
    if !canNameDescriptors { return nil }
    do throws(Errno) {
      return Made(descriptor: try open(".", in: place, O_WRONLY | O_CLOEXEC | temporaryFlag, mode))
    } catch {
      // What open(2) says of file systems, and of kernels, that do not know the flag.
      if [EOPNOTSUPP, EISDIR, EINVAL].contains(error.rawValue) { return nil }
      throw FileError(place.target, .create, .system(error))
    }
  }

  private static func named(
    in place: TargetPlace, _ mode: mode_t
  ) throws(FileError) -> Made {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
    var attempts = 0
    while true {
      let name = HiddenName()
      attempts += 1
      do throws(Errno) {
        let made = Made(descriptor: try open(name.bytes, in: place, flags, mode), name: name)
        HiddenName.lock(made.descriptor)
        if attempts == HiddenName.attempts || Self.hasName(made.descriptor) { return made }
        // Before it was locked another process took it for a leftover.
        try? made.descriptor.close()
      } catch {
        if error == .fileExists && attempts < HiddenName.attempts { continue }
        throw FileError(place.target, .create, .system(error))
      }
    }
  }

  private static func hasName(_ file: FileDescriptor) -> Bool {
    var status = stat()
    return fstat(file.rawValue, &status) != 0 || status.st_nlink > 0
  }

  private static func open(
    _ name: UnsafePointer<CChar>, in place: TargetPlace, _ flags: Int32, _ mode: mode_t
  ) throws(Errno) -> FileDescriptor {
    try DescriptorShortage.opening { negatedErrno { openat(place.directory.rawValue, name, flags, mode) } }
  }

  // MARK: Ending

  // They do not consume the value, since a closure cannot consume what it captures. No call may follow: all that is
  // left to be given back is given back with the value.

  package mutating func publish() throws(FileError) {
    defer { place.close() }
    if let hiddenName {
      try publishNamed(hiddenName)
    } else {
      try publishUnnamed()
    }
    if durability == .fileAndDirectory { try place.synchronizeDirectory() }
  }

  package mutating func discard() {
    file.closeNow()
    removeHiddenName()
    place.close()
  }

  private mutating func removeHiddenName() {
    if let name = hiddenName.take() { place.remove(name) }
  }

  /// Open, and so locked, until it has its name. What closing it would report leaves the target as it was.
  private mutating func publishNamed(_ name: HiddenName) throws(FileError) {
    do throws(FileError) {
      try prepare()
      if try !file.reportErrorsOfClosing() { try file.closeReportingErrors() }
      try rename(name)
    } catch {
      discard()
      throw error
    }
    hiddenName = nil
    file.closeNow()
  }

  private mutating func publishUnnamed() throws(FileError) {
    defer { file.closeNow() }
    try prepare()
    // File systems with files that have no name have nothing to report if they cannot be asked.
    if place.closingReports { _ = try file.reportErrorsOfClosing() }
    if link(to: place.name) == 0 { return }
    if errno != EEXIST || !replacesExisting { throw failure(.link) }
    try linkAndRename()
  }

  /// What comes before the name, for a file whose contents others bring to the disk together with theirs.
  mutating func prepareForGroup() throws(FileError) {
    isInGroup = true
    try setAttributes()
  }

  /// Permissions and what else is kept, and the disk, as they were asked for.
  private func prepare() throws(FileError) {
    if isInGroup {
      do throws(Errno) {
        // The group's answer is not about this file alone: another may have been told of its failure.
        try awaitWriteback(of: file.descriptor)
      } catch {
        throw FileError(file.reference, .sync, .system(error))
      }
      return
    }
    try setAttributes()
    if durability != .none { try file.synchronize(dataOnly: false) }
  }

  private func setAttributes() throws(FileError) {
    if let permissions, attributes?.permissions == nil {
      try file.check(.attributes) { fchmod(file.descriptor.rawValue, permissions.rawValue) }
    }
    try attributes?.apply(toNew: AttributedFile(opened: file.descriptor, file.target), newFiles)
  }

  /// A link cannot replace a file, renaming can: so the file gets a hidden name for a moment.
  private func linkAndRename() throws(FileError) {
    HiddenName.lock(file.descriptor)
    for _ in 0..<HiddenName.attempts {
      let name = HiddenName()
      if link(to: name.bytes) == 0 {
        do throws(FileError) {
          return try rename(name)
        } catch {
          place.remove(name)
          throw error
        }
      }
      if errno != EEXIST { break }
    }
    throw failure(.link)
  }

  /// By the descriptor alone; before Linux 6.10 that needs a capability (`ENOENT`), and the name in /proc does not.
  private func link(to name: [CChar]) -> Int32 {
    let result = linkat(file.descriptor.rawValue, "", place.directory.rawValue, name, Self.emptyPathFlag)
    if result == 0 || errno != ENOENT { return result }
    return linkat(
      AT_FDCWD, "\(Opening.ownDescriptors)/\(file.descriptor.rawValue)", place.directory.rawValue, name,
      AT_SYMLINK_FOLLOW)
  }

  private func rename(_ name: HiddenName) throws(FileError) {
    let directory = place.directory.rawValue
    // What is there now is looked at once more, since renaming would replace a FIFO or a device, too.
    _ = try place.replaceable(replacesExisting)
    let result =
      replacesExisting
      ? renameat(directory, name.bytes, directory, place.name)
      : renameWithoutReplacing(directory, name.bytes, place.name)
    if result != 0 { throw failure(.rename) }
  }

  /// `errno` of the call before.
  private func failure(_ operation: FileError.Operation) -> FileError {
    let code = errno
    return FileError(file.reference, operation, code == EISDIR ? .isDirectory : .system(Errno(rawValue: code)))
  }
}
