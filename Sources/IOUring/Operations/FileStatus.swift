import CUring
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

  /// Reads the kernel's structure: the offsets are those of `struct statx` in <linux/stat.h>, compared with it in
  /// syscalls.c.
  fileprivate init(_ bytes: UnsafeRawBufferPointer) {
    let filled = bytes.load(as: UInt32.self)
    blockSize = bytes.load(fromByteOffset: 4, as: UInt32.self)
    linkCount = bytes.load(fromByteOffset: 16, as: UInt32.self)
    owner = bytes.load(fromByteOffset: 20, as: UInt32.self)
    group = bytes.load(fromByteOffset: 24, as: UInt32.self)
    let mode = bytes.load(fromByteOffset: 28, as: UInt16.self)
    kind = Kind(mode: UInt32(mode))
    permissions = FilePermissions(rawValue: CInterop.Mode(mode) & 0o7777)
    inode = bytes.load(fromByteOffset: 32, as: UInt64.self)
    size = bytes.load(fromByteOffset: 40, as: Int64.self)
    // A file system in user space may say anything.
    let blocks = bytes.load(fromByteOffset: 48, as: UInt64.self)
    allocatedSize = Int64(clamping: min(blocks, UInt64.max / Self.allocationUnit) * Self.allocationUnit)
    times = Times(
      access: bytes.time(at: 64), creation: bytes.time(at: 80), change: bytes.time(at: 96),
      modification: bytes.time(at: 112), isCreationKnown: filled & UInt32(CURING_STATX_BTIME) != 0)
    represented = Device(
      major: bytes.load(fromByteOffset: 128, as: UInt32.self), minor: bytes.load(fromByteOffset: 132, as: UInt32.self))
    device = Device(
      major: bytes.load(fromByteOffset: 136, as: UInt32.self), minor: bytes.load(fromByteOffset: 140, as: UInt32.self))
    mount = filled & UInt32(CURING_STATX_MNT_ID) == 0 ? nil : bytes.load(fromByteOffset: 144, as: UInt64.self)
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
  /// Where the kernel writes what a statx(2) finds. Not `Sendable`, as ``IOBuffer`` is not: the task that waits for the
  /// operation owns it.
  public final class Memory {
    /// The size of `struct statx`, which the kernel's ABI fixes.
    private static let byteCount = Int(CURING_STATUS_SIZE)

    /// Valid as long as this lives; the operation keeps a reference until its completion.
    let address = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 8)

    /// All zeros, until an operation into it has completed with 0.
    public init() {
      address.initializeMemory(as: UInt8.self, repeating: 0, count: Self.byteCount)
    }

    deinit {
      address.deallocate()
    }

    /// What the last operation has found.
    public var status: FileStatus {
      FileStatus(UnsafeRawBufferPointer(start: address, count: Self.byteCount))
    }
  }
}

extension UnsafeRawBufferPointer {
  /// A `struct statx_timestamp`.
  fileprivate func time(at offset: Int) -> FileTime {
    FileTime(
      seconds: load(fromByteOffset: offset, as: Int64.self),
      nanoseconds: load(fromByteOffset: offset + 8, as: UInt32.self))
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
