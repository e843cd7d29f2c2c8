import FilePipeline
import FileStages
import Foundation
import IOUring
import NIOCore
import SystemPackage
import Testing
import _NIOFileSystem

/// All of them in one file: the C modules do not clash, and each reads the same bytes.
struct CoexistenceTests {
  private static let text = "The water does not wait for the wheel.\n"

  @Test func ring_nio_and_system_read_the_same_file() async throws {
    let path = NSTemporaryDirectory() + "coexistence-\(UUID().uuidString)"
    try Self.text.write(toFile: path, atomically: false, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }

    #expect(try await readWithRing(path) == Self.text)
    #expect(try await readWithNIO(path) == Self.text)
    #expect(try readWithSystem(path) == Self.text)

    let results = try await FilePipeline.files(under: SystemPackage.FilePath(path)).reduce { CountReducer() }.collect()
    #expect(try results.map { try $0.value.bytes } == [Self.text.utf8.count])
  }

  private func readWithRing(_ path: String) async throws -> String {
    let loop = try RingLoop()
    let text = try await Task(executorPreference: loop) {
      let file = try await loop.perform(.open(SystemPackage.FilePath(path)))
      let buffer = IOBuffer(capacity: 4096)
      let count = try await loop.perform(.read(file, into: buffer, at: 0))
      try await loop.perform(.close(file))
      return buffer.withBytes(count) { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
    }.value
    await loop.shutDown()
    return text
  }

  private func readWithNIO(_ path: String) async throws -> String {
    let buffer = try await ByteBuffer(
      contentsOf: _NIOFileSystem.FilePath(path), maximumSizeAllowed: .kilobytes(4))
    return String(buffer: buffer)
  }

  private func readWithSystem(_ path: String) throws -> String {
    let file = try FileDescriptor.open(SystemPackage.FilePath(path), .readOnly)
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0) }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
