import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
struct ProvidedBuffersTests {
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
}
