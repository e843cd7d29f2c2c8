import Glibc
import SystemPackage

/// A path that ends in a NUL, at a fixed address: the operation that reads it keeps it alive until its completion.
final class PathMemory {
  /// An address of the kernel's half of the address space: every operation that is given it as a path fails
  /// (``SubmissionEntry``).
  static var refusedAddress: UnsafeMutablePointer<CChar> { UnsafeMutablePointer(bitPattern: -1)! }

  let address: UnsafeMutablePointer<CChar>

  /// Copies `path`, up to its NUL.
  ///
  /// - Parameter count: the length of the path. If there is a NUL before its end, the bytes before the NUL are another
  ///   file's path, and the kernel gets ``refusedAddress``.
  init(_ path: UnsafePointer<CChar>, count: Int) {
    if strlen(path) < count {
      address = Self.refusedAddress
      return
    }
    address = .allocate(capacity: count + 1)
    address.initialize(from: path, count: count + 1)
  }

  deinit {
    if address != Self.refusedAddress { address.deallocate() }
  }
}

extension FilePath {
  /// A copy for the kernel.
  ///
  /// swift-system keeps a NUL of the string (its debug builds trap), and ends the path there only for the system call.
  func memory() -> PathMemory {
    withPlatformString { PathMemory($0, count: length) }
  }
}

/// Two objects that one operation keeps alive.
final class RetainedPair {
  private let first: AnyObject
  private let second: AnyObject

  init(_ first: AnyObject, _ second: AnyObject) {
    (self.first, self.second) = (first, second)
  }
}
