import Glibc
import SystemPackage

/// A path as the kernel wants it, at an address that holds still until the operation that reads it has completed.
final class PathMemory {
  let address: UnsafeMutablePointer<CChar>

  /// Copies `path`, up to its NUL.
  init(_ path: UnsafePointer<CChar>) {
    let length = strlen(path) + 1
    address = .allocate(capacity: length)
    address.initialize(from: path, count: length)
  }

  deinit {
    address.deallocate()
  }
}

extension FilePath {
  /// A copy for the kernel.
  func memory() -> PathMemory {
    withPlatformString { PathMemory($0) }
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
