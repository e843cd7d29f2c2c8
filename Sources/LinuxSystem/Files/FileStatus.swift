import CLinuxSystem
import Glibc
import SystemPackage

/// What statx(2) says of a file.
public struct FileStatus: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    case regular, directory, symbolicLink, fifo, socket, characterDevice, blockDevice, unknown
  }

  /// The number of a device.
  public struct Device: Sendable, Hashable {
    public let major: UInt32
    public let minor: UInt32
  }

  public let kind: Kind
  /// The permission bits, set-user-id and the like included.
  public let permissions: FilePermissions
  /// The user id of the owner, as the process's user namespace maps it.
  public let owner: UInt32
  /// The group id.
  public let group: UInt32
  /// In bytes. 0 for the files of /proc that do have contents.
  public let size: Int64
  /// What it occupies on the disk, in bytes: less than ``size`` if there are holes, more for what was allocated ahead.
  public let allocatedSize: Int64
  /// The preferred size of a read or write, in bytes.
  public let blockSize: UInt32
  /// Together with ``device`` it tells files apart.
  public let inode: UInt64
  /// The device that the file system is on.
  public let device: Device
  /// Of a device file, which device it stands for; of others zeros.
  public let represented: Device
  /// The mount that the path led to, as in /proc/self/mountinfo; nil before Linux 5.8.
  public let mount: UInt64?
  public let linkCount: UInt32
  package let times: Times

  package struct Times: Sendable, Hashable {
    package let access, creation, change, modification: FileTime
    fileprivate let isCreationKnown: Bool
  }

  /// What the kernel counts ``allocatedSize`` in, on every file system.
  private static let allocationUnit: UInt64 = 512

  fileprivate init(_ status: linux_status) {
    blockSize = status.block_size
    (linkCount, owner, group) = (status.link_count, status.user, status.group)
    kind = Kind(mode: UInt32(status.mode))
    permissions = FilePermissions(rawValue: CInterop.Mode(status.mode) & 0o7777)
    inode = status.inode
    size = Int64(bitPattern: status.size)
    // A file system in user space may say anything.
    allocatedSize = Int64(clamping: min(status.block_count, UInt64.max / Self.allocationUnit) * Self.allocationUnit)
    times = Times(
      access: FileTime(status.accessed), creation: FileTime(status.created), change: FileTime(status.changed),
      modification: FileTime(status.modified), isCreationKnown: status.mask & UInt32(LINUX_STATX_BTIME) != 0)
    represented = Device(major: status.represented_major, minor: status.represented_minor)
    device = Device(major: status.device_major, minor: status.device_minor)
    mount = status.mask & UInt32(LINUX_STATX_MNT_ID) == 0 ? nil : status.mount
  }
}

extension FileStatus {
  /// The last change of the contents, since 1970-01-01 UTC.
  public var modified: Duration { times.modification.duration }

  /// The last change of the contents or of what this structure says, since 1970-01-01 UTC. No program can set it.
  public var changed: Duration { times.change.duration }

  /// The last time that it was read, since 1970-01-01 UTC; mount options make it lag behind (mount(8), `relatime`).
  public var accessed: Duration { times.access.duration }

  /// When it was made, since 1970-01-01 UTC; nil if the file system does not know.
  public var created: Duration? { times.isCreationKnown ? times.creation.duration : nil }
}

extension FileStatus {
  /// Where the kernel writes the result of a statx(2). It is not `Sendable`: the task that waits for the operation owns
  /// it.
  public final class Memory {
    /// Valid as long as this object lives. The operation keeps a reference until its completion.
    package let address = UnsafeMutablePointer<linux_status>.allocate(capacity: 1)

    /// All zeros, until an operation into it has completed with 0.
    public init() {
      address.initialize(to: linux_status())
    }

    deinit {
      address.deallocate()
    }

    /// The result of the last operation.
    public var status: FileStatus { FileStatus(address.pointee) }
  }
}

/// statx(2) of a path, relative to a directory's descriptor or `AT_FDCWD`, into `memory`. May wait for the disk, or for
/// the daemon or the server that answers for the file.
///
/// - Parameter followSymbolicLink: whether a link is followed; else the status is its own.
/// - Returns: 0, or a negated errno.
package func readStatus(
  _ directory: Int32, _ path: UnsafePointer<CChar>, followSymbolicLink: Bool, into memory: FileStatus.Memory
) -> Int32 {
  linux_status_of(directory, path, followSymbolicLink, memory.address)
}

extension FileTime {
  fileprivate init(_ time: linux_status_time) {
    self.init(seconds: time.seconds, nanoseconds: time.nanoseconds)
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
