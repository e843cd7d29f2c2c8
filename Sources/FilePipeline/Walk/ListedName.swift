import Glibc
import LinuxSystem
import SystemPackage

/// The kind of a name in a directory, as a walk takes it.
struct ListedName {
  /// For a link that is followed: the kind and inode of its target, or the link's own if the target cannot be found.
  private(set) var kind: FileStatus.Kind
  private(set) var inode: UInt64
  private(set) var isFollowed = false
  /// Why the target of a link cannot be found.
  private(set) var failure: Errno?

  /// Nil if a walk with these options drops the name. May block on the disk if the directory does not report the kind,
  /// or to follow a link.
  init?(_ record: DirectoryRecord, in directory: FileDescriptor, _ options: WalkOptions) {
    if !options.includesHidden && record.name[0] == UInt8(ascii: ".") { return nil }
    guard let kind = Self.kind(of: record, in: directory) else { return nil }
    (self.kind, inode) = (kind, record.inode)
    if kind == .symbolicLink && options.followsSymbolicLinks && !follow(record, in: directory) { return nil }
    if failure == nil && !options.takes(self.kind) { return nil }
  }

  /// Nil if the name does not exist any more. One that cannot be examined counts as a file: opening it reports the
  /// error.
  private static func kind(of record: DirectoryRecord, in directory: FileDescriptor) -> FileStatus.Kind? {
    // The type in the record is the file type bits of the mode, shifted (`DTTOIF` in <dirent.h>).
    if Int(record.type) != DT_UNKNOWN { return FileStatus.Kind(mode: UInt32(record.type) << 12) }
    var status = stat()
    switch Self.look(record, in: directory, AT_SYMLINK_NOFOLLOW, &status) {
    case 0: return FileStatus.Kind(mode: status.st_mode)
    case -ENOENT: return nil
    default: return .regular
    }
  }

  /// Examines the target of a link. False if the link does not exist any more.
  private mutating func follow(_ record: DirectoryRecord, in directory: FileDescriptor) -> Bool {
    isFollowed = true
    var status = stat()
    let result = Self.look(record, in: directory, 0, &status)
    if result == 0 {
      (kind, inode) = (FileStatus.Kind(mode: status.st_mode), UInt64(status.st_ino))
      return true
    }
    failure = Errno(rawValue: -result)
    return result != -ENOENT || Self.look(record, in: directory, AT_SYMLINK_NOFOLLOW, &status) != -ENOENT
  }

  /// fstatat(2); 0 or a negated errno.
  private static func look(
    _ record: DirectoryRecord, in directory: FileDescriptor, _ flags: Int32, _ status: inout stat
  ) -> Int32 {
    // In the kernel's record the name ends in a NUL.
    record.name.withMemoryRebound(to: CChar.self) { name in
      negatedErrno { fstatat(directory.rawValue, name.baseAddress!, &status, flags) }
    }
  }
}
