import Glibc
import LinuxSystem
import SystemPackage

/// What attributes are set on: an inode, by a descriptor that leads to it whatever becomes of its name. The calls block
/// on the disk, unless the inode is in memory. Those that set answer 0 or a negated errno.
struct AttributedFile {
  private enum Access {
    /// For its contents, or a directory's entries.
    case opened
    /// For its name alone (`O_PATH`).
    case named
  }

  let descriptor: FileDescriptor
  /// What errors name.
  let file: TargetReference
  private let access: Access

  init(opened descriptor: FileDescriptor, _ file: TargetReference) {
    (self.descriptor, self.file, access) = (descriptor, file, .opened)
  }

  init(named descriptor: FileDescriptor, _ file: TargetReference) {
    (self.descriptor, self.file, access) = (descriptor, file, .named)
  }

  func status() throws(FileError) -> stat {
    var status = stat()
    if fstat(descriptor.rawValue, &status) == 0 { return status }
    throw failure(errno)
  }

  func setOwner(_ user: uid_t, _ group: gid_t) -> Int32 {
    switch access {
    case .opened: negatedErrno { fchown(descriptor.rawValue, user, group) }
    case .named: NamedInode(descriptor).setOwner(user, group)
    }
  }

  func setMode(_ mode: mode_t) -> Int32 {
    switch access {
    case .opened: negatedErrno { fchmod(descriptor.rawValue, mode) }
    case .named: NamedInode(descriptor).setMode(mode)
    }
  }

  func setTimes(_ times: [timespec]) -> Int32 {
    switch access {
    case .opened: negatedErrno { futimens(descriptor.rawValue, times) }
    case .named: NamedInode(descriptor).setTimes(times)
    }
  }

  var extended: Attributed {
    switch access {
    case .opened: .file(descriptor)
    case .named: .named(descriptor)
    }
  }

  /// - Parameter code: an errno.
  func failure(_ code: Int32) -> FileError { FileError(file.reference, .attributes, .system(Errno(rawValue: code))) }
}
