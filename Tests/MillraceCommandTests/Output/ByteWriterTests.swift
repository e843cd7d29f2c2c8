import Foundation
import SystemPackage
import Testing

@testable import MillraceCommand

@Suite struct ByteWriterTests {
  private func everything(from descriptor: FileDescriptor) throws -> [UInt8] {
    var found: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = try descriptor.waitAndRead(into: &buffer)
      if count == 0 { return found }
      found += buffer[..<count]
    }
  }

  /// The bytes in a pipe, without waiting for more.
  private func arrived(_ descriptor: FileDescriptor) throws -> [UInt8] {
    #expect(fcntl(descriptor.rawValue, F_SETFL, O_NONBLOCK) == 0)
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { read(descriptor.rawValue, $0.baseAddress, $0.count) }
    return Array(buffer[..<max(count, 0)])
  }

  @Test func holds_back_until_the_buffer_is_full() throws {
    let pipe = try FileDescriptor.pipe()
    let writer = ByteWriter(pipe.writeEnd, bufferSize: 4)
    try writer.write(bytes("abc"))
    #expect(try arrived(pipe.readEnd) == [])
    try writer.write(bytes("d"))
    #expect(try arrived(pipe.readEnd) == bytes("abcd"))
    try writer.write { $0 += bytes("e") }
    #expect(try arrived(pipe.readEnd) == [])
    try writer.flush()
    #expect(try arrived(pipe.readEnd) == bytes("e"))
    try writer.flush()
    #expect(try arrived(pipe.readEnd) == [])
    try pipe.readEnd.close()
    try pipe.writeEnd.close()
  }

  @Test func holds_nothing_back_when_asked() throws {
    let pipe = try FileDescriptor.pipe()
    let writer = ByteWriter(pipe.writeEnd, flushesEveryWrite: true)
    try writer.write(bytes("a"))
    #expect(try arrived(pipe.readEnd) == bytes("a"))
    try pipe.readEnd.close()
    try pipe.writeEnd.close()
  }

  @Test(arguments: [false, true]) func everything_arrives_in_order(nonblocking: Bool) throws {
    let seed = Seed()
    var random = seed.generator()
    let pieces = (0..<50).map { number in
      [UInt8](repeating: UInt8(number), count: Int.random(in: 0...100_000, using: &random))
    }
    let pipe = try FileDescriptor.pipe()
    // A large write to a non-blocking pipe is short, or fails with EAGAIN.
    if nonblocking { #expect(fcntl(pipe.writeEnd.rawValue, F_SETFL, O_NONBLOCK) == 0) }

    let thread = Thread {
      let writer = ByteWriter(pipe.writeEnd)
      for piece in pieces { try? writer.write(piece) }
      try? writer.flush()
      try? pipe.writeEnd.close()
    }
    thread.start()

    #expect(try everything(from: pipe.readEnd) == pieces.flatMap(\.self), "\(seed)")
    try pipe.readEnd.close()
  }

  @Test func a_full_device_is_seen_at_the_flush_and_after() throws {
    let full = try FileDescriptor.open("/dev/full", .writeOnly)
    try full.closeAfter {
      let writer = ByteWriter(full)
      try writer.flush()
      try writer.write(bytes("a"))
      #expect(throws: Errno.noSpace) { try writer.flush() }
      #expect(throws: Errno.noSpace) { try writer.flush() }
      #expect(throws: Errno.noSpace) { try writer.write(bytes("b")) }
    }
  }

  @Test func a_full_device_is_seen_when_the_buffer_is() throws {
    let full = try FileDescriptor.open("/dev/full", .writeOnly)
    try full.closeAfter {
      let writer = ByteWriter(full, bufferSize: 3)
      try writer.write(bytes("ab"))
      #expect(throws: Errno.noSpace) { try writer.write(bytes("c")) }
    }
  }

  @Test func a_descriptor_that_cannot_be_written_is_seen() throws {
    let readOnly = try FileDescriptor.open("/dev/null", .readOnly)
    try readOnly.closeAfter {
      let writer = ByteWriter(readOnly, flushesEveryWrite: true)
      #expect(throws: Errno.badFileDescriptor) { try writer.write(bytes("a")) }
    }
  }
}
