import CUring
import Glibc
import SystemPackage

/// Why a ring cannot be made: which call was refused, and what to do about it.
public struct RingRefusal: Error, Sendable, Hashable {
  /// The calls that make a ring and a loop, and those by which they are tried before they are used: a system call
  /// filter may allow some of them and refuse others.
  public enum Call: String, Sendable, Hashable, CaseIterable {
    case setUp = "io_uring_setup"
    case register = "io_uring_register"
    case enter = "io_uring_enter"
    /// The read that was submitted to the ring (Linux 5.6).
    case read = "IORING_OP_READ"
    /// The descriptor that wakes a loop.
    case wakeUp = "eventfd"
    case thread = "pthread_create"
  }

  public enum Reason: Sendable, Hashable {
    /// This build was made without liburing's header, or with the package's trait `WithoutLiburing`.
    case builtWithout
    /// The kernel has no such system call, or a seccomp filter hides it.
    case noSystemCall
    /// The setting `kernel.io_uring_disabled` is 1 or 2.
    case disabled(Int)
    /// A policy denies it, such as the default seccomp profile of a container engine.
    case denied
    /// Some kernels count the rings of all of a user's processes together against `RLIMIT_MEMLOCK` (those before Linux
    /// 5.12, and 6.18). Or there is no memory.
    case noMemory
    /// The process has too few descriptors left, for a ring or for the files that it is to open.
    case noDescriptors
    /// The limit on threads is reached.
    case noThread
    case other
  }

  /// The call that was refused.
  public let call: Call
  public let errno: Errno
  public let reason: Reason

  /// Derives the reason from the errno of a call.
  public init(_ errno: Errno, of call: Call) {
    (self.call, self.errno) = (call, errno)
    reason =
      switch errno {
      case _ where call == .thread: .noThread
      case .noFunction where call == .setUp: curing_has_liburing() ? .noSystemCall : .builtWithout
      // A kernel that has set the ring up has the other calls, too: a filter hides them.
      case .noFunction: .denied
      case .notPermitted, .permissionDenied: Self.denial(of: call)
      case .noMemory where call == .setUp || call == .register: .noMemory
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem: .noDescriptors
      default: .other
      }
  }

  /// The setting applies to set-up only: 1 denies it to processes without the privilege or the group, 2 to all.
  private static func denial(of call: Call) -> Reason {
    if call == .setUp, let setting = disabledSetting, setting > 0 { .disabled(setting) } else { .denied }
  }

  /// `kernel.io_uring_disabled`, since Linux 6.6; nil if there is no such setting.
  public static var disabledSetting: Int? {
    guard let file = try? FileDescriptor.open("/proc/sys/kernel/io_uring_disabled", .readOnly) else { return nil }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 8)
    guard let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) }) else { return nil }
    return Int(String(decoding: bytes.prefix(count), as: UTF8.self).filter(\.isNumber))
  }
}

extension RingRefusal: CustomStringConvertible {
  public var description: String { sentence }

  /// The reason and the remedy, in a sentence or two.
  public var sentence: String {
    switch reason {
    case .builtWithout:
      "This program was built without liburing. Install liburing-dev, run 'swift package clean' and build "
        + "again, without the package's trait WithoutLiburing."
    case .noSystemCall:
      "The kernel has no io_uring (ENOSYS): it is older than Linux 5.1, was built without it, or a seccomp filter "
        + "hides it. Use a newer kernel, or a seccomp profile that allows \(Self.neededCalls)."
    case .disabled(let setting):
      "The administrator has switched io_uring off (kernel.io_uring_disabled is \(setting)). To allow it: "
        + "sysctl -w kernel.io_uring_disabled=0"
        + (setting == 1 ? ", or join the group that kernel.io_uring_group names." : ".")
    case .denied:
      "A security policy denies \(call.rawValue) (\(errno)), most likely a container's seccomp filter. Run the "
        + "container with a profile that allows \(Self.neededCalls)."
    case .noMemory:
      "There is not enough memory for a ring (\(call.rawValue): ENOMEM). Some kernels count the rings of all of a "
        + "user's programs against the limit on locked memory: raise it (ulimit -l)."
    case .noDescriptors:
      "There are too few file descriptors left for a ring and for files (EMFILE). Raise the limit on open files "
        + "(ulimit -n)."
    case .noThread:
      "No thread could be started for a ring (\(errno)). Raise the limit on processes (ulimit -u)."
    case .other:
      "\(call.rawValue) failed: \(errno)."
    }
  }

  private static let neededCalls = "io_uring_setup, io_uring_enter and io_uring_register"
}
