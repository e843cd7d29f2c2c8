#if Foundation
import Foundation
import Synchronization
import SystemPackage

/// A `FileHandle` and where it is: seeking before every read would cost a system call that nobody's code makes.
final class PositionedHandle: Sendable {
  let handle: FileHandle
  private let position = Mutex<Int64>(0)

  init(_ handle: FileHandle) {
    self.handle = handle
  }

  func read(at offset: Int64, upTo count: Int, _ body: (Data) -> Void) throws -> Int {
    try position.withLock { position in
      try go(to: offset, from: &position)
      let data = try handle.read(upToCount: count) ?? Data()
      position = offset + Int64(data.count)
      body(data)
      return data.count
    }
  }

  /// Something else has moved the descriptor.
  func forgetPosition() {
    position.withLock { $0 = -1 }
  }

  /// What follows sets the position if it succeeds: where the handle is after an error nobody knows.
  private func go(to offset: Int64, from position: inout Int64) throws {
    // `FileHandle` takes it without a sign.
    if offset < 0 { throw POSIXError(.EINVAL) }
    if position != offset { try handle.seek(toOffset: UInt64(offset)) }
    position = -1
  }

  /// Writes all of it, or throws.
  func write(_ data: Data, at offset: Int64) throws {
    try position.withLock { position in
      try go(to: offset, from: &position)
      try handle.write(contentsOf: data)
      position = offset + Int64(data.count)
    }
  }

  /// The same wherever the kernel puts it.
  func append(_ data: Data) throws {
    try position.withLock { position in
      position = -1
      try handle.write(contentsOf: data)
    }
  }

  func truncate(at size: Int64) throws {
    try position.withLock { position in
      // `FileHandle` goes there.
      position = -1
      try handle.truncate(atOffset: UInt64(size))
    }
  }
}

extension Errno {
  /// The errno in an error of Foundation's, which wraps it once or twice.
  init(_ error: any Error) {
    var error = error as NSError
    while error.domain != NSPOSIXErrorDomain {
      guard let underlying = error.userInfo[NSUnderlyingErrorKey] as? NSError else {
        self = .ioError
        return
      }
      error = underlying
    }
    self.init(rawValue: Int32(error.code))
  }
}
#endif
