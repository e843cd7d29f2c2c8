import CUring
import Glibc
import SystemPackage

/// What statx(2) says of a file.
public struct FileStatus: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case regular, directory, symbolicLink, fifo, socket, characterDevice, blockDevice, unknown
  }

  public let kind: Kind
  /// The permission bits, set-user-id and the like included.
  public let permissions: FilePermissions
  /// In bytes. 0 for the files of /proc that do have contents.
  public let size: Int64
  public let inode: UInt64
  public let linkCount: UInt32
  /// The last change of the contents, since 1970-01-01 UTC.
  public let modified: Duration

  /// Reads the kernel's structure: the offsets are those of `struct statx` in <linux/stat.h>.
  init(_ bytes: UnsafeRawBufferPointer) {
    let mode = bytes.load(fromByteOffset: 28, as: UInt16.self)
    kind = Kind(mode: UInt32(mode))
    permissions = FilePermissions(rawValue: CInterop.Mode(mode) & 0o7777)
    linkCount = bytes.load(fromByteOffset: 16, as: UInt32.self)
    inode = bytes.load(fromByteOffset: 32, as: UInt64.self)
    size = bytes.load(fromByteOffset: 40, as: Int64.self)
    let seconds = bytes.load(fromByteOffset: 112, as: Int64.self)
    let nanoseconds = bytes.load(fromByteOffset: 120, as: UInt32.self)
    modified = .seconds(seconds) + .nanoseconds(Int64(nanoseconds))
  }
}

extension FileStatus.Kind {
  /// The type bits of a `mode_t` (inode(7)).
  package init(mode: UInt32) {
    switch mode & UInt32(S_IFMT) {
    case UInt32(S_IFREG): self = .regular
    case UInt32(S_IFDIR): self = .directory
    case UInt32(S_IFLNK): self = .symbolicLink
    case UInt32(S_IFIFO): self = .fifo
    case UInt32(S_IFSOCK): self = .socket
    case UInt32(S_IFCHR): self = .characterDevice
    case UInt32(S_IFBLK): self = .blockDevice
    default: self = .unknown
    }
  }
}

extension SubmissionEntry {
  /// What statx(2) is asked for: STATX_BASIC_STATS.
  private static let basicStatistics: UInt32 = 0x7ff

  /// statx(2) of `path`, relative to `directory` or the working directory. Completes with 0 and the structure in `memory`.
  static func status(
    of path: FilePath, at directory: FileDescriptor?, followSymbolicLink: Bool, into memory: StatusMemory
  ) -> SubmissionEntry {
    let path = path.withPlatformString { PathMemory($0) }
    return SubmissionEntry(
      CURING_OP_STATX, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(path.address),
      length: basicStatistics, offset: UInt64(memory.address),
      flags: followSymbolicLink ? 0 : UInt32(AT_SYMLINK_NOFOLLOW),
      memory: Both(path: path, status: memory))
  }

  private final class Both {
    let path: PathMemory
    let status: StatusMemory
    init(path: PathMemory, status: StatusMemory) {
      (self.path, self.status) = (path, status)
    }
  }
}
