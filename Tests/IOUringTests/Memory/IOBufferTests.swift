import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

/// What a buffer holds, and which uses of it may overlap.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct IOBufferTests {
  private struct Refusal: Error {}

  // MARK: Without a ring

  @Test(arguments: [1, 4096, 200_000])
  func new_buffer_holds_nothing_and_its_memory_is_zero(_ capacity: Int) {
    for buffer in [IOBuffer(capacity: capacity), IOBufferPool(count: 1, capacity: capacity).take()] {
      #expect(buffer.filledCount == 0)
      #expect(buffer.withBytes(0) { $0.byteCount } == 0)
      let isZero = buffer.withMutableBytes { bytes in
        bytes.withUnsafeMutableBytes { bytes in bytes.allSatisfy { $0 == 0 } }
      }
      #expect(isZero && buffer.filledCount == capacity)
    }
  }

  @Test func filling_says_how_much_there_is() {
    let buffer = IOBuffer("water", capacity: 8)
    #expect(buffer.filledCount == 8)
    #expect(
      buffer.fill {
        $0.storeBytes(of: 1, as: UInt8.self); return 3
      } == 3)
    #expect(buffer.filledCount == 3 && buffer.text(3) == "\u{1}at")
    #expect(throws: Refusal.self) { try buffer.fill { _ in throw Refusal() } }
    #expect(buffer.filledCount == 0)
    #expect(buffer.fill { _, capacity in capacity } == 8 && buffer.filledCount == 8)
    #expect(buffer.fill { _, _ in -5 } == -5 && buffer.filledCount == 0)
  }

  @Test func several_may_look_at_once() {
    let buffer = IOBuffer("water", capacity: 5)
    #expect(buffer.withBytes(5) { _ in buffer.withBytes(2) { $0.byteCount } } == 2)
    #expect(throws: Refusal.self) { try buffer.withBytes(1) { _ in throw Refusal() } }
    #expect(buffer.isIdle)
  }

  @Test func looking_at_more_than_there_is_stops_the_program() async throws {
    await #expect(processExitsWith: .failure) { IOBuffer(capacity: 8).withBytes(1) { _ in } }
    await #expect(processExitsWith: .failure) { IOBuffer("water", capacity: 8).withBytes(-1) { _ in } }
    await #expect(processExitsWith: .failure) { IOBuffer("water", capacity: 8).withBytes(9) { _ in } }
    await #expect(processExitsWith: .failure) { _ = IOBuffer(capacity: 8).fill { _ in 9 } }
    await #expect(processExitsWith: .failure) { _ = IOBuffer(capacity: 8).fill { _ in -1 } }
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let buffer = IOBuffer(capacity: 8)
      _ = buffer.fill { _ in 3 }
      buffer.withBytes(3) { _ in }
      buffer.withBytes(4) { _ in }
    }
    let message = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(message.contains("the buffer holds fewer bytes than are asked for"))
  }

  @Test func changing_beside_another_use_stops_the_program() async throws {
    await #expect(processExitsWith: .failure) {
      let buffer = IOBuffer("water", capacity: 8)
      buffer.withMutableBytes { _ in buffer.withBytes(1) { _ in } }
    }
    await #expect(processExitsWith: .failure) {
      let buffer = IOBuffer("water", capacity: 8)
      buffer.withMutableBytes { _ in buffer.withMutableBytes { _ in } }
    }
    await #expect(processExitsWith: .failure) {
      let buffer = IOBuffer("water", capacity: 8)
      _ = buffer.withBytes(1) { _ in buffer.fill { _, _ in 0 } }
    }
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let buffer = IOBuffer("water", capacity: 8)
      buffer.withBytes(1) { _ in buffer.withMutableBytes { _ in } }
    }
    let message = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(message.contains("the buffer is in use"))
  }

  // MARK: With the kernel

  @Test(.needsRing) func buffer_holds_what_was_read() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file"), "water") { file in
        try await withLoop { loop async throws in
          let buffer = IOBuffer("0123456789", capacity: 10)
          #expect(try await loop.perform(.read(file, into: buffer, at: 2)) == 3)
          #expect(buffer.filledCount == 3 && buffer.text(3) == "ter")
          #expect(try await loop.perform(.read(file, into: buffer, at: 5)) == 0 && buffer.filledCount == 0)
          await #expect(throws: Errno.badFileDescriptor) {
            try await loop.perform(.read(unopenedDescriptor, into: buffer, at: 0))
          }
          #expect(buffer.filledCount == 0 && buffer.isIdle)
          // In parts: the bytes before a slice stay.
          #expect(try await loop.perform(.read(file, into: buffer, count: 2, at: 0)) == 2)
          #expect(
            try await loop.perform(.readVector(file, into: [buffer.slice(2..<4), buffer.slice(4..<9)], at: 2)) == 3)
          #expect(buffer.filledCount == 5 && buffer.text(5) == "water" && buffer.isIdle)
        }
      }
    }
  }

  /// Runs `body` with a ring and a buffer that a read of a silent pipe is to fill.
  private static func whileReading(_ body: (inout Ring, IOBuffer, SilentPipe) throws -> Void) throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    var ring = try Ring(.small)
    let buffer = IOBuffer("water", capacity: 8)
    _ = try ring.push(.read(pipe.reading, into: buffer, at: -1))
    try ring.submit()
    try body(&ring, buffer, pipe)
  }

  @Test(.needsRing) func buffer_is_the_kernels_until_the_completion_is_taken() throws {
    try Self.whileReading { ring, buffer, pipe in
      #expect(!buffer.isIdle && buffer.filledCount == 0)
      try pipe.writing.writeAll([1, 2, 3])
      try ring.submit(waitingFor: 1)
      #expect(!buffer.isIdle)
      ring.takeCompletions { _ in }
      #expect(buffer.isIdle && buffer.filledCount == 3)
    }
  }

  @Test(.needsRing) func using_a_buffer_that_the_kernel_fills_stops_the_program() async throws {
    await #expect(processExitsWith: .failure) {
      try Self.whileReading { _, buffer, _ in buffer.withMutableBytes { _ in } }
    }
    await #expect(processExitsWith: .failure) {
      try Self.whileReading { ring, buffer, pipe in _ = try ring.push(.read(pipe.reading, into: buffer, at: -1)) }
    }
    await #expect(processExitsWith: .failure) {
      try Self.whileReading { ring, buffer, pipe in
        _ = try ring.push(.write(pipe.writing, from: buffer, count: 1, at: -1))
      }
    }
    await #expect(processExitsWith: .failure) {
      try Self.whileReading { ring, buffer, pipe in
        _ = try ring.push(.readVector(pipe.reading, into: [buffer.whole], at: -1))
      }
    }
    await #expect(processExitsWith: .failure) {
      try Self.whileReading { _, buffer, _ in _ = readCached(.standardInput, into: buffer, at: 0) }
    }
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      try Self.whileReading { _, buffer, _ in buffer.withBytes(0) { _ in } }
    }
    let message = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(message.contains("the buffer is being written, by an operation in flight"))
  }

  /// Runs `body` with a ring and a buffer that is being written to a full pipe.
  private static func whileWriting(_ body: (inout Ring, IOBuffer, SilentPipe) throws -> Void) throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    var ring = try Ring(.small)
    let buffer = IOBuffer("water", capacity: 1 << 20)
    _ = try ring.push(.write(pipe.writing, from: buffer, at: -1))
    try ring.submit()
    try body(&ring, buffer, pipe)
  }

  @Test(.needsRing) func buffer_that_is_written_from_may_be_looked_at_and_written_again() throws {
    try Self.whileWriting { ring, buffer, pipe in
      #expect(buffer.text(5) == "water")
      let second = try #require(try ring.push(.write(pipe.writing, from: buffer, count: 5, at: -1)))
      try ring.cancel(second)
      #expect(!buffer.isIdle)
    }
  }

  @Test(.needsRing) func changing_a_buffer_that_is_written_from_stops_the_program() async {
    await #expect(processExitsWith: .failure) {
      try Self.whileWriting { _, buffer, _ in buffer.withMutableBytes { _ in } }
    }
    await #expect(processExitsWith: .failure) {
      try Self.whileWriting { ring, buffer, pipe in _ = try ring.push(.read(pipe.reading, into: buffer, at: -1)) }
    }
  }

  @Test(.needsRing) func writing_more_than_there_is_stops_the_program() async {
    await #expect(processExitsWith: .failure) {
      var ring = try Ring(.small)
      _ = try ring.push(.write(.standardOutput, from: IOBuffer(capacity: 8), at: -1))
    }
    await #expect(processExitsWith: .failure) {
      var ring = try Ring(.small)
      _ = try ring.push(.writeVector(.standardOutput, from: [IOBuffer(capacity: 8).slice(4..<5)], at: -1))
    }
  }

  // MARK: Chains

  @Test(.needsRing) func linked_operations_take_one_buffer_in_turn() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("source"), "water") { source in
        try await withFile(directory.appending("target")) { target in
          try await withLoop { loop async throws in
            let buffer = IOBuffer(capacity: 5)
            let results = await loop.perform(
              OperationChain(.read(source, into: buffer, count: 2, at: 0))
                .then(.write(target, from: buffer, count: 2, at: 0))
                .then(.read(source, into: buffer, count: 3, at: 2))
                .always(.writeVector(target, from: [buffer.slice(0..<1), buffer.slice(1..<3)], at: 2)))
            #expect(results == [2, 2, 3, 3].map { .success($0) })
            #expect(buffer.isIdle && buffer.filledCount == 3)
            // Written, then read into.
            let back = await loop.perform(
              OperationChain(.write(target, from: buffer, count: 1, at: 5)).then(.read(target, into: buffer, at: 0)))
            #expect(back == [.success(1), .success(5)] && buffer.text(5) == "water")
          }
        }
      }
    }
  }

  @Test(.needsRing) func chain_beside_another_operation_on_its_buffer_stops_the_program() async {
    await #expect(processExitsWith: .failure) {
      try Self.whileReading { ring, buffer, pipe in
        _ = try ring.push(OperationChain(.noOperation()).then(.read(pipe.reading, into: buffer, at: -1)))
      }
    }
    // Submitted together is not linked.
    await #expect(processExitsWith: .failure) {
      let pipe = try SilentPipe()
      let buffer = IOBuffer(capacity: 8)
      let read = { RingOperation.read(pipe.reading, into: buffer, at: -1).entry }
      var ring = try Ring(.small)
      _ = try ring.push(read(), with: read())
    }
  }

  // MARK: Buffers that the kernel chooses

  @Test(.needsRing) func chosen_buffer_is_the_programs_until_it_is_given_back() async throws {
    let file = try FileDescriptor.open("/dev/zero", .readOnly)
    defer { try? file.close() }
    var ring = try Ring(.small)
    try ring.provide([IOBuffer(capacity: 8)], group: 1)
    _ = try ring.push(.read(file, fromGroup: 1, at: 0))
    try ring.submit(waitingFor: 1)
    var chosen: ProvidedBuffer?
    ring.takeCompletions { chosen = $0.buffer }
    let buffer = try #require(chosen)
    #expect(ring.memory(of: buffer).withBytes(8) { $0.byteCount } == 8)
    ring.giveBack(buffer)
    #expect(!ring.memory(of: buffer).isIdle)
    await #expect(processExitsWith: .failure) {
      var ring = try Ring(.small)
      let buffer = IOBuffer("water", capacity: 8)
      try ring.provide([buffer], group: 1)
      buffer.withBytes(0) { _ in }
    }
  }
}
