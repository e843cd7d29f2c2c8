import Glibc
import SystemPackage

/// A path as the kernel wants it, at an address that holds still until the operation that reads it has completed.
final class PathMemory {
  /// An address of the kernel's half of the address space: whatever operation is given it as a path fails
  /// (``SubmissionEntry``).
  static var refusedAddress: UnsafeMutablePointer<CChar> { UnsafeMutablePointer(bitPattern: -1)! }

  let address: UnsafeMutablePointer<CChar>

  /// Copies `path`, up to its NUL.
  ///
  /// - Parameter count: how long the path is. If it goes on behind a NUL, what is before the NUL is another file's
  ///   path, and the kernel gets ``refusedAddress``.
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
  /// swift-system keeps a NUL that a string has (its debug builds trap), and ends the path there only for the system
  /// call.
  func memory() -> PathMemory {
    withPlatformString { PathMemory($0, count: length) }
  }
}

/// Two things that one operation needs.
final class MemoryPair {
  private let first: AnyObject
  private let second: AnyObject

  init(_ first: AnyObject, _ second: AnyObject) {
    (self.first, self.second) = (first, second)
  }
}
