import Glibc
import LinuxSystem
import SystemPackage

/// Which file or directory it is, whatever it is called: the numbers of its device and its inode (stat(2)).
///
/// A number may come back once the file is gone. As long as it exists nothing else has it.
public struct FileIdentity: Sendable, Hashable {
  public let device: UInt64
  public let inode: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  init(_ found: InodeIdentity) {
    (device, inode) = (found.device, found.inode)
  }

  /// What the open descriptor leads to; nil if the kernel fails to say. The file system's daemon or server is not
  /// asked.
  init?(_ descriptor: Int32) {
    guard let found = identify(descriptor) else { return nil }
    self.init(found)
  }

  /// What an open descriptor leads to, if that is a regular file: not a pipe, a terminal or a device.
  public init?(ofRegularFile descriptor: FileDescriptor) {
    var status = stat()
    guard fstat(descriptor.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(status)
  }
}

extension FileReference {
  /// Which file has the name now. A symbolic link is followed, unless ``FileReference/listedKind`` says what a
  /// directory has listed the name as. Blocks on the disk, unless the file was used of late; a daemon or a server may
  /// be asked for the name, but not for attributes.
  ///
  /// - Throws: what stat(2) says.
  public func identity() throws(Errno) -> FileIdentity {
    var found = InodeIdentity()
    let flags = followsSymbolicLink ? 0 : AT_SYMLINK_NOFOLLOW
    _ = try waitingFor { directory, path in identify(directory, path, flags: flags, &found) }
    return FileIdentity(found)
  }
}
