import CUring
import Glibc
import SystemPackage

/// Why a ring cannot be had, and what to do about it.
public enum RingRefusal: Sendable, Hashable {
  /// This build was made without liburing's header, or with `MILLRACE_WITHOUT_LIBURING=1`.
  case builtWithout
  /// The kernel has no such system call, or a seccomp filter says so.
  case noSystemCall
  /// The setting `kernel.io_uring_disabled` is 1 or 2.
  case disabled(Int)
  /// A policy denies it, as the default seccomp profiles of container engines do.
  case denied
  /// Some kernels count rings against `RLIMIT_MEMLOCK`, those of all of a user's processes together: before Linux 5.12 they
  /// did, and 6.18 does again. Or there is no memory.
  case noMemory
  /// The process has too few descriptors left, for a ring or for what is to be done with it.
  case noDescriptors
  case other(Errno)

  /// Finds the reason behind the errno of io_uring_setup(2).
  public init(_ error: Errno) {
    switch error {
    case .noFunction: self = curing_has_liburing() ? .noSystemCall : .builtWithout
    case .notPermitted, .permissionDenied:
      // At 1 it is denied to those without the privilege or the group, at 2 to everyone.
      if let setting = Self.disabledSetting, setting > 0 { self = .disabled(setting) } else { self = .denied }
    case .noMemory: self = .noMemory
    case .tooManyOpenFiles: self = .noDescriptors
    default: self = .other(error)
    }
  }

  /// `kernel.io_uring_disabled`, since Linux 6.6; nil where there is no such setting.
  public static var disabledSetting: Int? {
    guard let file = try? FileDescriptor.open("/proc/sys/kernel/io_uring_disabled", .readOnly) else { return nil }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 8)
    guard let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
    return Int(String(decoding: bytes.prefix(count), as: UTF8.self).filter(\.isNumber))
  }

  /// The reason and the remedy, in a sentence or two.
  public var sentence: String {
    switch self {
    case .builtWithout:
      "This program was built without liburing. Install liburing-dev (or unset MILLRACE_WITHOUT_LIBURING), run "
        + "'swift package clean' and build again."
    case .noSystemCall:
      "The kernel has no io_uring (ENOSYS): it is older than Linux 5.1, was built without it, or a seccomp filter hides it. "
        + "Use a newer kernel, or a seccomp profile that allows io_uring_setup, io_uring_enter and io_uring_register."
    case .disabled(let setting):
      "The administrator has switched io_uring off (kernel.io_uring_disabled is \(setting)). To allow it: "
        + "sysctl -w kernel.io_uring_disabled=0"
        + (setting == 1 ? ", or join the group that kernel.io_uring_group names." : ".")
    case .denied:
      "A security policy denies io_uring (EPERM), most likely a container's seccomp filter. Run the container with a profile "
        + "that allows io_uring_setup, io_uring_enter and io_uring_register."
    case .noMemory:
      "There is not enough memory for a ring (ENOMEM). Some kernels count the rings of all of a user's programs against the "
        + "limit on locked memory: raise it (ulimit -l)."
    case .noDescriptors:
      "There are too few file descriptors left for a ring and for files (EMFILE). Raise the limit on open files (ulimit -n)."
    case .other(let error):
      "io_uring_setup failed: \(error)."
    }
  }
}
