import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct RegisteredBuffersTests {
  /// They exceed the usual limit on locked memory of an unprivileged process.
  @Test func buffers_that_cannot_be_registered_are_used_as_they_are() throws {
    let file = try FileDescriptor.open("/dev/zero", .readOnly)
    defer { try? file.close() }
    var ring = try Ring(.small)
    let capacity = 16 << 20
    let buffers = (0..<2).map { _ in IOBuffer(capacity: capacity) }
    let note = try ring.registerIfAllowed(buffers)
    _ = try ring.push(ring.read(file, intoBuffer: 1, at: 0))
    try ring.submit(waitingFor: 1)
    ring.takeCompletions { #expect($0.result > 0) }
    let isPrivileged = geteuid() == 0
    #expect(isPrivileged == (note == nil), "\(note ?? "registered")")
    try ring.unregisterBuffers()
  }

  @Test func registered_buffers_of_a_loop_are_lent_for_a_call() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop in
          await #expect(throws: Errno.noBufferSpace) { try await loop.readRegistered(file, at: 0) { $0.byteCount } }
          // Whether they are registered depends on the limit on locked memory.
          _ = try await loop.registerBuffers(2, capacity: 4096)
          await #expect(throws: Errno.resourceBusy) { try await loop.registerBuffers(2, capacity: 4096) }
          for round in 0..<10 {
            let text = "round \(round)"
            let written = try await loop.writeRegistered(file, at: 0) { bytes in
              for (offset, byte) in text.utf8.enumerated() {
                bytes.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
              }
              return text.utf8.count
            }
            #expect(written == text.utf8.count)
            let read = try await loop.readRegistered(file, at: 0) { bytes in
              bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            }
            #expect(read == text)
          }
          #expect(try await loop.readRegistered(file, at: 7) { $0.byteCount } == 0)
        }
      }
    }
  }

  @Test func registered_buffers_come_back_from_cancelled_calls() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      _ = try await loop.registerBuffers(1, capacity: 16)
      for round in 0..<50 {
        let reading = Task(executorPreference: round % 2 == 0 ? loop : nil) {
          try await loop.readRegistered(pipe.reading, at: -1) { $0.byteCount }
        }
        await loop.waitForOperationsInFlight(2)
        await #expect(throws: Errno.noBufferSpace) { try await loop.readRegistered(pipe.reading, at: -1) { _ in } }
        reading.cancel()
        await #expect(throws: Errno.canceled) { try await reading.value }
      }
      try pipe.writing.writeAll([1, 2, 3])
      #expect(try await loop.readRegistered(pipe.reading, at: -1) { $0.byteCount } == 3)
    }
  }
}
