import FileTestSupport
import Foundation
import IOUring
import SystemPackage
import Testing

/// Why the ring's tests cannot run here, or nil.
let whyNoRing: Errno? = {
  do throws(Errno) {
    _ = try Ring()
    return nil
  } catch {
    return error
  }
}()

extension Trait where Self == ConditionTrait {
  /// Skips a test aloud where io_uring is refused and may be.
  static var needsRing: Self {
    .enabled("io_uring is refused here: \(whyNoRing.map(String.init(describing:)) ?? "")") {
      whyNoRing == nil || RingExpectation.isRequired
    }
  }
}

/// Runs `body` with a loop, and shuts the loop down.
@discardableResult
func withLoop<R: Sendable>(
  operations: UInt32 = 64, _ body: (RingLoop) async throws -> R
) async throws -> R {
  let loop = try RingLoop(Ring.Configuration(submissions: 32, operations: operations))
  do {
    let result = try await body(loop)
    await loop.shutDown()
    return result
  } catch {
    await loop.shutDown()
    throw error
  }
}

/// Runs `body` with the path of a new directory, and removes it.
func withTemporaryDirectory<R>(_ body: (FilePath) async throws -> R) async throws -> R {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("iouring-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(FilePath(path))
}

extension IOBuffer {
  convenience init(_ text: String, capacity: Int) {
    self.init(capacity: capacity)
    withMutableBytes { bytes in
      for (offset, byte) in text.utf8.enumerated() { bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self) }
    }
  }

  func text(_ count: Int) -> String {
    withBytes(count) { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
  }
}

/// A pipe nobody writes to, for reads that stay in flight.
struct SilentPipe {
  let reading: FileDescriptor
  let writing: FileDescriptor

  init() throws {
    (reading, writing) = try FileDescriptor.pipe()
  }

  func close() {
    try? reading.close()
    try? writing.close()
  }
}
