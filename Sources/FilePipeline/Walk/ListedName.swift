import Glibc
import LinuxSystem
import SystemPackage

/// What a walk takes a name in a directory for.
struct ListedName {
  /// Of a link that is followed: what it leads to, and the link's own if that cannot be found.
  private(set) var kind: FileStatus.Kind
  private(set) var inode: UInt64
  private(set) var isFollowed = false
  /// Why it cannot be found where a link leads.
  private(set) var failure: Errno?

  /// Nil for what a walk with these options passes by. May wait for the disk, if the directory does not say what the
  /// name is, or to follow a link.
  init?(_ record: DirectoryRecord, in directory: FileDescriptor, _ options: WalkOptions) {
    if !options.includesHidden && record.name[0] == UInt8(ascii: ".") { return nil }
    guard let kind = Self.kind(of: record, in: directory) else { return nil }
    (self.kind, inode) = (kind, record.inode)
    if kind == .symbolicLink && options.followsSymbolicLinks && !follow(record, in: directory) { return nil }
    if failure == nil && !options.takes(self.kind) { return nil }
  }

  /// Nil for what is gone. What cannot be looked at is taken for a file: opening it says what is wrong with it.
  private static func kind(of record: DirectoryRecord, in directory: FileDescriptor) -> FileStatus.Kind? {
    // What stands in the record is the type bits of the mode, moved (`DTTOIF` in <dirent.h>).
    if Int(record.type) != DT_UNKNOWN { return FileStatus.Kind(mode: UInt32(record.type) << 12) }
    var status = stat()
    switch Self.look(record, in: directory, AT_SYMLINK_NOFOLLOW, &status) {
    case 0: return FileStatus.Kind(mode: status.st_mode)
    case -ENOENT: return nil
    default: return .regular
    }
  }

  /// Finds out where a link leads. False if the link is gone.
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
    // The name ends in a NUL where the kernel wrote it.
    record.name.withMemoryRebound(to: CChar.self) { name in
      negatedErrno { fstatat(directory.rawValue, name.baseAddress!, &status, flags) }
    }
  }
}
