import CLinuxSystem
import CUring
import Glibc
import SystemPackage

/// How openat2(2) may resolve a path; each flag holds for every component, not only for the last.
public struct ResolveFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  private init(_ flag: Int) {
    rawValue = UInt64(flag)
  }

  /// The path may not leave the directory that it starts at, be it by `..`, by a symbolic link or by being absolute:
  /// `EXDEV`.
  public static let beneath = ResolveFlags(LINUX_RESOLVE_BENEATH)
  /// The directory that the path starts at is its root, as in chroot(2): absolute paths and links begin there, and `..`
  /// stays there.
  public static let inRoot = ResolveFlags(LINUX_RESOLVE_IN_ROOT)
  /// No link such as those of /proc/self/fd, which lead to a file and not to a path: `ELOOP`.
  public static let noMagicLinks = ResolveFlags(LINUX_RESOLVE_NO_MAGICLINKS)
  /// No symbolic link at all: `ELOOP`.
  public static let noSymbolicLinks = ResolveFlags(LINUX_RESOLVE_NO_SYMLINKS)
  /// No other mounted file system, bind mounts included: `EXDEV`.
  public static let noCrossDevice = ResolveFlags(LINUX_RESOLVE_NO_XDEV)
  /// Only if the dentry cache alone can resolve it, else `EAGAIN`. Linux 5.12; never together with `O_CREAT`.
  public static let cached = ResolveFlags(LINUX_RESOLVE_CACHED)
}

extension SubmissionEntry {
  /// openat2(2). As ``open(_:at:_:options:permissions:)``, with a say in how the path is resolved. Completes with the
  /// descriptor, which is close-on-exec.
  ///
  /// Errors beside those of open(2): what each of ``ResolveFlags`` names; `EAGAIN` if a rename elsewhere kept the
  /// kernel from being sure that the path stays beneath its start, after which the call can be repeated; `EINVAL` for a
  /// flag that the kernel does not know, which openat(2) would ignore.
  ///
  /// Unless the path is wholly in the dentry cache, or if it creates or truncates, the kernel hands the call to one of
  /// the ring's worker threads. Linux 5.6.
  ///
  /// - Parameter permissions: of a file that is created; ignored without `O_CREAT` or `O_TMPFILE`, since the kernel
  ///   refuses them then.
  public static func open(
    _ path: FilePath, at directory: FileDescriptor? = nil, _ mode: FileDescriptor.AccessMode = .readOnly,
    options: FileDescriptor.OpenOptions = [], permissions: FilePermissions = [.ownerReadWrite, .groupRead, .otherRead],
    resolving flags: ResolveFlags
  ) -> SubmissionEntry {
    let pathMemory = path.memory()
    let how = OpenHowMemory(
      flags: UInt64(UInt32(bitPattern: mode.rawValue | options.rawValue | O_CLOEXEC)),
      mode: options.rawValue & (O_CREAT | Int32(LINUX_O_TMPFILE)) == 0 ? 0 : UInt64(permissions.rawValue),
      resolve: flags.rawValue)
    return SubmissionEntry(
      CURING_OP_OPENAT2, descriptor: directory?.rawValue ?? AT_FDCWD, address: UInt64(pathMemory.address),
      length: OpenHowMemory.byteCount, offset: UInt64(how.address), memory: MemoryPair(pathMemory, how))
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
