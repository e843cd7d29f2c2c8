import Glibc
import IOUring
import SystemPackage

// Setting attributes. What is right already is left alone: each call that changes something is a transaction of the
// file system. The calls block on the disk, unless the inode is in memory.
extension FileAttributes {
  private static let isPrivileged = geteuid() == 0

  /// Gives them to an open file or directory.
  ///
  /// - Parameter file: what errors name.
  /// - Returns: whether anything was changed.
  @discardableResult
  func apply(to descriptor: FileDescriptor, _ file: FileReference) throws(FileError) -> Bool {
    let fd = descriptor.rawValue
    let found = try Self.status(file) { fstat(fd, &$0) }
    let (changesOwner, isOwners) = try setOwner(found, file) { fchown(fd, $0, $1) }
    // Behind the owner, whose change takes capabilities and bits of the mode away.
    let changesExtended = try setExtended(descriptor, file)
    var changes = changesOwner || changesExtended
    let present = changes ? try Self.status(file) { fstat(fd, &$0) } : found
    if let mode = mode(isOwners: isOwners), present.st_mode & 0o7777 != mode {
      try Self.check(file) { fchmod(fd, mode) }
      changes = true
    }
    if let times, !Self.has(present, times) {
      try Self.check(file) { futimens(fd, Self.timespecs(times)) }
      changes = true
    }
    return changes
  }

  /// Gives them, but the extended ones, to a name that is not followed: a symbolic link's, which has no permissions, or
  /// a special file's.
  @discardableResult
  func apply(
    toName name: UnsafePointer<CChar>, in directory: Int32, isLink: Bool, _ file: FileReference
  ) throws(FileError) -> Bool {
    let flags = AT_SYMLINK_NOFOLLOW
    let found = try Self.status(file) { fstatat(directory, name, &$0, flags) }
    var changes = try setOwner(found, file) { fchownat(directory, name, $0, $1, flags) }.changes
    // By its name, which another file may have taken: no bits that give rights.
    if !isLink, let mode = mode(isOwners: false).map({ $0 & 0o777 }), changes || found.st_mode & 0o7777 != mode {
      try Self.check(file) { fchmodat(directory, name, mode, flags) }
      changes = true
    }
    if let times, !Self.has(found, times) {
      try Self.check(file) { utimensat(directory, name, Self.timespecs(times), flags) }
      changes = true
    }
    return changes
  }

  // MARK: Owner and permissions

  /// Whether a file that was opened is the one that they are of, as far as it would be dangerous if it were not: the
  /// bits and attributes that give rights go to no other contents.
  func mayBeGiven(toCopyOf opened: stat) -> Bool {
    guard givesRights else { return true }
    if let owner, owner.user != opened.st_uid || owner.group != opened.st_gid { return false }
    return permissions.map { $0.rawValue == opened.st_mode & 0o7777 } ?? true
  }

  /// Whether whoever runs the file gets rights by them: the set-user-ID and set-group-ID bits, and capabilities, which
  /// are an extended attribute.
  package var givesRights: Bool {
    (permissions?.rawValue ?? 0) & 0o6000 != 0
      || extended?.contains { $0.name.starts(with: Self.securityPrefix) } == true
  }

  /// Returns whether that was changed, and whether the owner is the right one now.
  private func setOwner(
    _ found: stat, _ file: FileReference, _ change: (uid_t, gid_t) -> Int32
  ) throws(FileError) -> (changes: Bool, isOwners: Bool) {
    // Whose bits of the mode they are is not known.
    guard let owner else { return (false, false) }
    if found.st_uid == owner.user && found.st_gid == owner.group { return (false, true) }
    if change(owner.user, owner.group) == 0 { return (true, true) }
    guard errno == EPERM && !Self.isPrivileged else {
      throw FileError(file, .attributes, .system(Errno(rawValue: errno)))
    }
    // A group of one's own may be given.
    let changesGroup = found.st_gid != owner.group && change(.max, owner.group) == 0
    return (changesGroup, false)
  }

  /// The set-user-ID and set-group-ID bits would give another owner's rights away.
  private func mode(isOwners: Bool) -> mode_t? {
    permissions.map { $0.rawValue & (isOwners ? 0o7777 : 0o1777) }
  }

  // MARK: Extended attributes

  static let accessControl = ["system.posix_acl_access", "system.posix_acl_default"].map {
    Array($0.utf8CString)
  }
  private static let securityPrefix = "security.".utf8.map { CChar(bitPattern: $0) }
  private static let userPrefix = "user.".utf8.map { CChar(bitPattern: $0) }

  private func setExtended(_ descriptor: FileDescriptor, _ file: FileReference) throws(FileError) -> Bool {
    guard let extended else { return false }
    var changes = false
    do throws(Errno) {
      let present = try Attributed.file(descriptor).names()
      let wanted = extended.map(\.name)
      for name in present where Self.accessControl.contains(name) && !wanted.contains(name) {
        let result = removeExtendedAttribute(name, of: descriptor)
        if result < 0 && result != -ENODATA { throw Errno(rawValue: -result) }
        changes = true
      }
      for attribute in extended {
        let isThere = present.contains(attribute.name)
        if isThere, try Attributed.file(descriptor).value(attribute.name) == attribute.value { continue }
        let result = setExtendedAttribute(attribute.name, to: attribute.value, of: descriptor)
        if result < 0 && !Self.isLeftOut(attribute.name, -result) { throw Errno(rawValue: -result) }
        changes = changes || result == 0
      }
    } catch {
      throw FileError(file, .attributes, .system(error))
    }
    return changes
  }

  /// Whether that it cannot be set is no failure: the file system has no such attributes, or it is for root to set.
  private static func isLeftOut(_ name: [CChar], _ code: Int32) -> Bool {
    code == EOPNOTSUPP || (code == EPERM || code == EACCES) && !name.starts(with: userPrefix) && !isPrivileged
  }

  // MARK: Times

  private static func timespecs(_ times: Times) -> [timespec] {
    [times.accessed, times.modified].map { time in
      let (seconds, attoseconds) = time.components
      let nanoseconds = attoseconds / 1_000_000_000
      // Before 1970 both parts of a duration are negative; the kernel wants nanoseconds that are not.
      return nanoseconds < 0
        ? timespec(tv_sec: Int(seconds - 1), tv_nsec: Int(nanoseconds + 1_000_000_000))
        : timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds))
    }
  }

  private static func has(_ status: stat, _ times: Times) -> Bool {
    let wanted = timespecs(times)
    let modified = status.st_mtim
    // The time of the last access alone is no reason: each reading changes it.
    return modified.tv_sec == wanted[1].tv_sec && modified.tv_nsec == wanted[1].tv_nsec
  }

  // MARK: Calls

  private static func status(_ file: FileReference, _ call: (inout stat) -> Int32) throws(FileError) -> stat {
    var status = stat()
    try check(file) { call(&status) }
    return status
  }

  private static func check(_ file: FileReference, _ call: () -> Int32) throws(FileError) {
    if retryOnInterrupt(call) != 0 { throw FileError(file, .attributes, .system(Errno(rawValue: errno))) }
  }
}

extension FileReference {
  /// The extended attributes. Blocks on the disk. Names are reached through the directory's own descriptor.
  func extendedAttributes(_ lookup: Lookup = .waiting) throws(FileError) -> [FileAttributes.Extended] {
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
      let file = Attributed.path(whole.baseAddress!, follow: follow)
      var attributes: [FileAttributes.Extended] = []
      for name in try file.names() {
        // One that is gone again is none.
        if let value = try file.value(name) { attributes.append(FileAttributes.Extended(name: name, value: value)) }
      }
      return attributes
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
