import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct BufferTests {
  @Test func the_kernel_chooses_a_buffer_when_there_is_something_to_read() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      // Two buffers for many reads, one after another.
      try await loop.provideBuffers(2, capacity: 16, group: 7)
      for number in 0..<10 {
        let text = "message \(number)"
        let reading = Task(executorPreference: loop) {
          try await loop.read(pipe.reading, fromGroup: 7, at: -1) { bytes in
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
          }
        }
        try pipe.writing.writeAll(text.utf8)
        #expect(try await reading.value == text)
      }
    }
  }

  @Test func the_end_of_a_file_is_no_bytes_and_costs_no_buffer() async throws {
    try await withLoop { loop in
      try await loop.provideBuffers(1, capacity: 16, group: 0)
      let file = try FileDescriptor.open("/dev/null", .readOnly)
      defer { try? file.close() }
      for _ in 0..<3 { #expect(try await loop.read(file, fromGroup: 0, at: 0) { $0.byteCount } == 0) }
    }
  }

  @Test func buffers_that_are_all_in_use_are_an_error_until_one_is_given_back() throws {
    let file = try FileDescriptor.open("/dev/zero", .readOnly)
    defer { try? file.close() }
    var ring = try Ring(.small)
    try ring.provide([IOBuffer(capacity: 8)], group: 1)
    var completions: [Ring.Completion] = []
    func read() throws {
      _ = try ring.push(.read(file, fromGroup: 1, at: 0))
      try ring.submit(waitingFor: 1)
      ring.takeCompletions { completions.append($0) }
    }
    try read()
    try read()
    #expect(completions.map(\.result) == [8, -Errno.noBufferSpace.rawValue])
    let buffer = try #require(completions[0].buffer)
    #expect(buffer.group == 1 && buffer.index == 0)
    ring.giveBack(buffer)
    try read()
    #expect(completions[2].result == 8)
  }

  @Test func one_operation_of_a_chain_may_have_the_kernel_choose() async throws {
    let file = try FileDescriptor.open("/dev/zero", .readOnly)
    defer { try? file.close() }
    var ring = try Ring(.small)
    try ring.provide([IOBuffer(capacity: 8)], group: 1)
    _ = try ring.push(OperationChain(.read(file, fromGroup: 1, at: 0)).always(.noOperation()))
    try ring.submit(waitingFor: 2)
    var completions: [Ring.Completion] = []
    ring.takeCompletions { completions.append($0) }
    #expect(completions.map(\.results) == [[8, 0]])
    let buffer = try #require(completions.first?.buffer)
    #expect(ring.memory(of: buffer).filledCount == 8)
    ring.giveBack(buffer)
    await #expect(processExitsWith: .failure) {
      _ = OperationChain(.read(.standardInput, fromGroup: 1, at: 0)).then(.read(.standardInput, fromGroup: 1, at: 0))
    }
  }

  @Test func a_loop_performs_nothing_that_would_lose_a_chosen_buffer() async {
    await #expect(processExitsWith: .failure) {
      let loop = try RingLoop(.small)
      _ = try? await loop.perform(.read(.standardInput, fromGroup: 0, at: 0))
    }
    await #expect(processExitsWith: .failure) {
      let loop = try RingLoop(.small)
      _ = await loop.perform(OperationChain(.read(.standardInput, fromGroup: 0, at: 0)))
    }
  }

  @Test func groups_are_powers_of_two_and_made_once() throws {
    var ring = try Ring(.small)
    let three = (0..<3).map { _ in IOBuffer(capacity: 8) }
    #expect(throws: Errno.invalidArgument) { try ring.provide(three, group: 0) }
    #expect(throws: Errno.invalidArgument) { try ring.provide([], group: 0) }
    try ring.provide(Array(three.prefix(2)), group: 0)
    #expect(throws: Errno.fileExists) { try ring.provide(Array(three.prefix(2)), group: 0) }
  }

  @Test func cancelled_reads_keep_no_buffer() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      try await loop.provideBuffers(1, capacity: 16, group: 0)
      for _ in 0..<50 {
        let reading = Task(executorPreference: loop) {
          try await loop.read(pipe.reading, fromGroup: 0, at: -1) { $0.byteCount }
        }
        try await loop.perform(.noOperation())
        reading.cancel()
        await #expect(throws: Errno.canceled) { try await reading.value }
      }
      try pipe.writing.writeAll([1, 2, 3])
      #expect(try await loop.read(pipe.reading, fromGroup: 0, at: -1) { $0.byteCount } == 3)
    }
  }

  /// Without privileges these are more than the usual limit on locked memory.
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
          // Registered or not, by the limit on locked memory.
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
