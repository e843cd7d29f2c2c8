import CLinuxSystem
import CUring
import Glibc
import SystemPackage

/// How openat2(2) may resolve a path; each flag applies to every component, not only to the last.
public struct ResolveFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  private init(_ flag: Int) {
    rawValue = UInt64(flag)
  }

  /// `EXDEV` if the path leaves the directory that it starts at: by `..`, by a symbolic link or by being absolute.
  public static let beneath = ResolveFlags(LINUX_RESOLVE_BENEATH)
  /// The directory that the path starts at is its root, as in chroot(2): absolute paths and links start there, and `..`
  /// does not leave it.
  public static let inRoot = ResolveFlags(LINUX_RESOLVE_IN_ROOT)
  /// `ELOOP` if a component is a link to a file instead of a path, such as those of /proc/self/fd.
  public static let noMagicLinks = ResolveFlags(LINUX_RESOLVE_NO_MAGICLINKS)
  /// `ELOOP` if a component is a symbolic link.
  public static let noSymbolicLinks = ResolveFlags(LINUX_RESOLVE_NO_SYMLINKS)
  /// `EXDEV` if a component is on another mounted file system, bind mounts included.
  public static let noCrossDevice = ResolveFlags(LINUX_RESOLVE_NO_XDEV)
  /// `EAGAIN` unless the dentry cache alone can resolve the path. Linux 5.12; not together with `O_CREAT`.
  public static let cached = ResolveFlags(LINUX_RESOLVE_CACHED)
}

extension RingOperation<FileDescriptor> {
  /// openat2(2): ``open(_:at:_:options:permissions:)`` with restrictions on the resolution of the path. Completes with
  /// the descriptor, which is close-on-exec.
  ///
  /// Errors in addition to those of open(2): those of ``ResolveFlags``; `EAGAIN` if a concurrent rename kept the kernel
  /// from deciding whether the path stays beneath its start, after which the call can be repeated; `EINVAL` for a flag
  /// that the kernel does not know, which openat(2) would ignore.
  ///
  /// Unless the whole path is in the dentry cache, or if the file is to be created or truncated, the kernel hands the
  /// call to one of the ring's worker threads. Linux 5.6.
  ///
  /// - Parameter permissions: of a file that is created; ignored without `O_CREAT` or `O_TMPFILE`, where the kernel
  ///   would refuse them.
  public static func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
    resolving flags: ResolveFlags
  ) -> RingOperation {
    let pathMemory = path.memory()
    let how = OpenHowMemory(
      flags: UInt64(UInt32(bitPattern: mode.rawValue | options.rawValue | O_CLOEXEC)),
      mode: options.rawValue & (O_CREAT | Int32(LINUX_O_TMPFILE)) == 0 ? 0 : UInt64(permissions.rawValue),
      resolve: flags.rawValue)
    return RingOperation(
      SubmissionEntry(
        CURING_OP_OPENAT2, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(pathMemory.address),
        length: OpenHowMemory.byteCount, offset: UInt64(how.address), memory: RetainedPair(pathMemory, how)))
  }
}

/// A `struct open_how` (openat2(2)).
private final class OpenHowMemory {
  static let byteCount = UInt32(MemoryLayout<linux_open_how>.size)

  let address = UnsafeMutablePointer<linux_open_how>.allocate(capacity: 1)

  init(flags: UInt64, mode: UInt64, resolve: UInt64) {
    address.initialize(to: linux_open_how(flags: flags, mode: mode, resolve: resolve))
  }

  deinit {
    address.deallocate()
  }
}
