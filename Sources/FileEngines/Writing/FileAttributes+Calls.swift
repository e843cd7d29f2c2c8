import Glibc
import LinuxSystem
import SystemPackage

// Setting attributes. What is right already is left alone: each call that changes something is a transaction of the
// file system. The calls block on the disk, unless the inode is in memory.
extension FileAttributes {
  /// Gives them to what a descriptor leads to: to a symbolic link, which has no permissions, the others.
  @discardableResult
  func apply(to file: AttributedFile) throws(FileError) -> Bool {
    let found = try file.status()
    let (changesOwner, isOwners) = try setOwner(found, file)
    // Behind the owner, whose change takes capabilities and bits of the mode away.
    let update = try setExtended(found, file)
    return try setRest(file, found, changesOwner: changesOwner, isOwners: isOwners, update)
  }

  /// Gives them to a file that was made with the permissions among them, and has been given nothing yet.
  ///
  /// - Parameter newFiles: what files have that are made where it was.
  func apply(toNew file: AttributedFile, _ newFiles: NewFiles?) throws(FileError) {
    let made = permissions.map { $0.rawValue & 0o777 }
    let known = extended?.isEmpty == true ? made.flatMap { newFiles?.status($0) } : nil
    let found = if let known { known } else { try file.status() }
    let (changesOwner, isOwners) = try setOwner(found, file)
    let update = known == nil ? try setExtended(found, file) : nil
    if known == nil, let made, let update {
      newFiles?.learn(found, made, hasExtended: !update.foundNone)
    }
    // Its times are those of a moment ago.
    _ = try setRest(file, found, changesOwner: changesOwner, isOwners: isOwners, update, setsTimes: known != nil)
  }

  /// Permissions and times, behind owner and extended attributes.
  private func setRest(
    _ file: AttributedFile, _ found: stat, changesOwner: Bool, isOwners: Bool, _ update: ExtendedUpdate?,
    setsTimes: Bool = false
  ) throws(FileError) -> Bool {
    var changes = changesOwner || update?.changes == true
    let present = changes || update?.changesMode == true ? try file.status() : found
    if let mode = mode(of: found, isOwners: isOwners, update), present.st_mode & 0o7777 != mode {
      changes = try set(.permissions, file) { file.setMode(mode) } || changes
    }
    if let times, setsTimes || !Self.has(present, times) {
      changes =
        try set(.times, file) { file.setTimes([times.access.timespec, times.modification.timespec]) } || changes
    }
    return changes
  }

  /// Makes a call that sets some of them. False if the kernel refuses it, and that is noted.
  private func set(_ kinds: Kinds, _ file: AttributedFile, _ call: () -> Int32) throws(FileError) -> Bool {
    let code = -call()
    if code == 0 { return true }
    guard let refusals, AttributeRefusals.isRefusal(code) else { throw file.failure(code) }
    refusals.note(kinds)
    return false
  }

  // MARK: Of an open file

  /// Those of an open file, by calls on its inode, which is in memory.
  ///
  /// - Parameters:
  ///   - known: what fstat(2) has said of it; nil if it is to be asked.
  ///   - extended: whether to ask for the extended ones.
  ///   - file: what errors name.
  init(
    of descriptor: FileDescriptor, _ known: stat? = nil, extended wantsExtended: Bool, _ file: FileReference
  ) throws(FileError) {
    let status = if let known { known } else { try AttributedFile(opened: descriptor, TargetReference(file)).status() }
    self.init(status)
    if !wantsExtended { return }
    do throws(Errno) {
      extended = try Self.extended(of: .file(descriptor))
    } catch {
      throw FileError(file, .attributes, .system(error))
    }
  }

  fileprivate static func extended(of file: Attributed) throws(Errno) -> [Extended] {
    var attributes: [Extended] = []
    for name in try file.names() {
      // One that is gone again is none.
      if let value = try file.value(name) { attributes.append(Extended(name: name, value: value)) }
    }
    return attributes
  }

  // MARK: Owner and permissions

  /// Whether a file that was opened is the one that they are of, as far as it would be dangerous if it were not: the
  /// bits and attributes that give rights go to no other contents.
  func mayBeGiven(toCopyOf opened: stat) -> Bool {
    guard givesRights else { return true }
    if let owner, owner.user != opened.st_uid || owner.group != opened.st_gid { return false }
    return permissions.map { $0.rawValue == opened.st_mode & 0o7777 } ?? true
  }

  private static let securityPrefix = "security.".utf8.map { CChar(bitPattern: $0) }

  /// Whether whoever runs the file gets rights by them: the set-user-ID and set-group-ID bits, and capabilities, which
  /// are an extended attribute.
  package var givesRights: Bool {
    (permissions?.rawValue ?? 0) & 0o6000 != 0
      || extended?.contains { $0.name.starts(with: Self.securityPrefix) } == true
  }

  /// Returns whether that was changed, and whether the owner is the right one now.
  private func setOwner(_ found: stat, _ file: AttributedFile) throws(FileError) -> (changes: Bool, isOwners: Bool) {
    // Whose bits of the mode they are is not known.
    guard let owner else { return (false, false) }
    if found.st_uid == owner.user && found.st_gid == owner.group { return (false, true) }
    let code = -file.setOwner(owner.user, owner.group)
    if code == 0 { return (true, true) }
    guard AttributeRefusals.isRefusal(code), !ProcessRights.givesFilesAway || refusals != nil else {
      throw file.failure(code)
    }
    if ProcessRights.givesFilesAway { refusals?.note(.owner) }
    // A group of one's own may be given.
    let changesGroup = found.st_gid != owner.group && file.setOwner(.max, owner.group) == 0
    return (changesGroup, false)
  }

  /// The mode that it is to have; nil if it stays. The set-user-ID and set-group-ID bits would give another owner's
  /// rights away.
  private func mode(of found: stat, isOwners: Bool, _ update: ExtendedUpdate?) -> mode_t? {
    if found.st_mode & S_IFMT == S_IFLNK { return nil }
    guard let permissions else { return update?.changesMode == true ? found.st_mode & 0o7777 : nil }
    let own = update?.lostList?.withoutList(permissions) ?? permissions
    return own.rawValue & (isOwners ? 0o7777 : 0o1777)
  }

  private func setExtended(_ found: stat, _ file: AttributedFile) throws(FileError) -> ExtendedUpdate? {
    guard let extended else { return nil }
    var update = ExtendedUpdate(file, mode: found.st_mode, refusals)
    do throws(Errno) {
      try update.make(extended)
    } catch {
      throw file.failure(error.rawValue)
    }
    return update
  }

  // MARK: Times

  private static func has(_ status: stat, _ times: Times) -> Bool {
    // The time of the last access alone is no reason: each reading changes it.
    FileTime(status.st_mtim) == times.modification
  }
}

extension FileReference {
  /// The extended attributes; of a link that a directory has listed, its own. Blocks on the disk.
  package func extendedAttributes() throws(FileError) -> [FileAttributes.Extended] {
    try extendedAttributes(.waiting)
  }

  /// Names are reached through the directory's own descriptor.
  func extendedAttributes(_ lookup: Lookup) throws(FileError) -> [FileAttributes.Extended] {
    do throws(Errno) {
      return try withRelativePath(lookup) { directory, path in
        Result { () throws(Errno) in try Self.attributes(directory, path, follow: followsSymbolicLink) }
      }.get()
    } catch {
      throw FileError(self, .attributes, .system(error))
    }
  }

  private static func attributes(
    _ directory: Int32, _ path: UnsafePointer<CChar>, follow: Bool
  ) throws(Errno) -> [FileAttributes.Extended] {
    // There is no call for a name in a directory before Linux 6.13.
    let prefix = directory == AT_FDCWD || path[0] == CChar(UInt8(ascii: "/")) ? "" : "/proc/self/fd/\(directory)/"
    let whole =
      prefix.utf8.map { CChar(bitPattern: $0) } + Array(UnsafeBufferPointer(start: path, count: strlen(path) + 1))
    return try whole.withUnsafeBufferPointer { whole throws(Errno) in
      try FileAttributes.extended(of: .path(whole.baseAddress!, follow: follow))
    }
  }
}

extension BlockingCalls {
  public func status(of file: FileReference) async throws(FileError) -> FileStatus {
    let isSlow = await isOnSlowFileSystem(file)
    return try await blocking(file, .stat, isSlow: isSlow) { () throws(FileError) in
      do throws(Errno) {
        return try file.status(into: FileStatus.Memory())
      } catch {
        throw FileError(file, .stat, .system(error))
      }
    }
  }

  public func extendedAttributes(of file: FileReference) async throws(FileError) -> [FileAttributes.Extended] {
    let isSlow = await isOnSlowFileSystem(file)
    return try await blocking(file, .attributes, isSlow: isSlow) { () throws(FileError) in
      try file.extendedAttributes()
    }
  }
}
