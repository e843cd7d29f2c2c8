import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

@Suite(.inTurn, .needsRing)
struct RingTests {
  @Test func nop_completes_with_0() throws {
    var ring = try Ring(.small)
    let id = try ring.push(.noOperation())
    try ring.submit(waitingFor: 1)
    var completions: [Ring.Completion] = []
    ring.takeCompletions { completions.append($0) }
    #expect(completions.map(\.id) == [try #require(id)])
    #expect(completions.map(\.result) == [0])
    let inFlight = ring.inFlight
    #expect(inFlight == 0)
  }

  @Test func push_when_limit_is_reached_answers_nil_until_completions_are_taken() throws {
    var ring = try Ring(Ring.Configuration(submissions: 2, operations: 3))
    for _ in 0..<3 { #expect(try ring.push(.noOperation()) != nil) }
    #expect(try ring.push(.noOperation()) == nil)
    try ring.submit(waitingFor: 3)
    #expect(ring.takeCompletions { _ in } == 3)
    #expect(try ring.push(.noOperation()) != nil)
  }

  @Test func submission_queue_smaller_than_the_operations_is_submitted_when_full() throws {
    var ring = try Ring(Ring.Configuration(submissions: 2, operations: 100))
    for _ in 0..<100 { _ = try ring.push(.noOperation()) }
    var taken = 0
    while taken < 100 {
      try ring.submit(waitingFor: 1)
      taken += ring.takeCompletions { _ in }
    }
    let inFlight = ring.inFlight
    #expect(inFlight == 0)
    let strayCompletions = ring.strayCompletions
    #expect(strayCompletions == 0)
  }

  @Test func a_slot_is_used_again_under_another_generation() throws {
    var ring = try Ring(Ring.Configuration(submissions: 1, operations: 1))
    var seen: Set<OperationID> = []
    for _ in 0..<10 {
      seen.insert(try #require(try ring.push(.noOperation())))
      try ring.submit(waitingFor: 1)
      ring.takeCompletions { _ in }
    }
    #expect(seen.count == 10)
  }

  @Test func cancel_completes_the_operation_once_with_both_completions_in() throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    var ring = try Ring(.small)
    let id = try #require(try ring.push(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)))
    try ring.submit()
    try ring.cancel(id)
    try ring.cancel(id)  // twice is once
    var results: [Int32] = []
    while results.isEmpty {
      try ring.submit(waitingFor: 1)
      ring.takeCompletions { results.append($0.result) }
    }
    #expect(results == [-Errno.canceled.rawValue])
    let inFlight = ring.inFlight
    #expect(inFlight == 0)
    try ring.cancel(id)  // a stale name does nothing
    let unsubmitted = ring.unsubmitted
    #expect(unsubmitted == 0)
  }

  @Test func ring_that_goes_away_waits_for_what_is_in_flight() throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    weak var buffer: IOBuffer?
    func abandon() throws {
      var ring = try Ring(.small)
      let strong = IOBuffer(capacity: 16)
      buffer = strong
      _ = try ring.push(.read(pipe.reading, into: strong, at: -1))
      try ring.submit()
    }
    try abandon()
    #expect(buffer == nil)
    // Had the read survived, it would take the byte.
    _ = try pipe.writing.writeAll([7])
    var byte: UInt8 = 0
    _ = try withUnsafeMutableBytes(of: &byte) { try pipe.reading.read(into: $0) }
    #expect(byte == 7)
  }

  @Test func ring_that_goes_away_waits_for_a_cancel_request_that_came_too_late() throws {
    var ring = try Ring(.small)
    let id = try #require(try ring.push(.noOperation()))
    try ring.submit(waitingFor: 1)
    try ring.cancel(id)
    ring.takeCompletions { _ in }
    // Destroying the ring must not wait for the completion that was taken.
  }

  @Test func fixed_read_reads_into_the_registered_buffer() async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      let file = try FileDescriptor.open(path, .readWrite, options: [.create], permissions: .ownerReadWrite)
      defer { try? file.close() }
      _ = try file.writeAll("fixed".utf8)
      var ring = try Ring(.small)
      let buffers = [IOBuffer(capacity: 4096), IOBuffer(capacity: 4096)]
      try ring.register(buffers)
      _ = try ring.push(.readFixed(file, into: buffers[1], index: 1, at: 0))
      try ring.submit(waitingFor: 1)
      var results: [Int32] = []
      ring.takeCompletions { results.append($0.result) }
      #expect(results == [5])
      #expect(buffers[1].text(5) == "fixed")
      // The kernel refuses memory outside the registered buffer.
      _ = try ring.push(.readFixed(file, into: buffers[1], index: 0, at: 0))
      try ring.submit(waitingFor: 1)
      ring.takeCompletions { results.append($0.result) }
      #expect(results == [5, -Errno.badAddress.rawValue])
      try ring.unregisterBuffers()
    }
  }

  @Test func capabilities_name_what_the_kernel_has() throws {
    let ring = try Ring(.small)
    let capabilities = try ring.capabilities()
    #expect(capabilities.opcodes.contains { $0.name == "read" && $0.isSupported })
    #expect(capabilities.features.contains("nodrop"))
    #expect(capabilities.opcodeCount > 20)
  }

  @Test func cancelled_before_it_is_submitted_it_is_cancelled_when_it_is() throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    var ring = try Ring(.small)
    let id = try #require(try ring.push(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)))
    try ring.cancel(id)
    #expect(try completions(of: &ring).map(\.result) == [-ECANCELED])
  }

  @Test func a_close_is_never_given_up() throws {
    var ring = try Ring(.small)
    let file = try FileDescriptor.open("/dev/null", .readOnly)
    let id = try #require(try ring.push(.close(file)))
    try ring.cancel(id)
    let unsubmitted = ring.unsubmitted
    #expect(unsubmitted == 1)
    #expect(try completions(of: &ring).map(\.result) == [0])
  }

  @Test func the_next_operation_of_a_cancelled_chain_is_cancelled_when_it_begins() throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    var ring = try Ring(.small)
    let read = { RingOperation.read(pipe.reading, into: IOBuffer(capacity: 1), at: -1) }
    let id = try #require(try ring.push(OperationChain(read()).always(read()).always(read())))
    try ring.submit()
    try ring.cancel(id)
    try ring.cancel(id)
    // One request, for the operation that has begun.
    let unsubmitted = ring.unsubmitted
    #expect(unsubmitted == 1)
    #expect(try completions(of: &ring) == [.init(id: id, results: [-ECANCELED, -ECANCELED, -ECANCELED], buffer: nil)])
  }

  @Test func ring_that_goes_away_ends_a_chain_that_goes_on_whatever_happens() throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    func abandon() throws {
      var ring = try Ring(Ring.Configuration(submissions: 4, operations: 16))
      for _ in 0..<4 {
        var chain = OperationChain(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
        for _ in 0..<3 { chain = chain.always(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1)) }
        _ = try ring.push(chain)
      }
      try ring.submit()
    }
    try abandon()
    // Had one survived, it would take the byte.
    try pipe.writing.writeAll([7])
    #expect(pipe.hasBytes)
  }

  @Test func ring_that_goes_away_drops_what_was_not_submitted() throws {
    let (written, read) = (try SilentPipe(), try SilentPipe())
    defer {
      written.close()
      read.close()
    }
    func abandon() throws {
      var ring = try Ring(.small)
      // The cancel request waits on the queue with the write, and is needed for the read.
      let id = try #require(try ring.push(.read(read.reading, into: IOBuffer(capacity: 1), at: -1)))
      try ring.submit()
      _ = try ring.push(.write(written.writing, from: IOBuffer("x", capacity: 1), at: -1))
      try ring.cancel(id)
    }
    try abandon()
    #expect(!written.hasBytes)
  }

  /// Submits and takes completions until nothing is in flight.
  private func completions(of ring: inout Ring) throws -> [Ring.Completion] {
    var completions: [Ring.Completion] = []
    while ring.inFlight > 0 {
      try ring.submit(waitingFor: 1)
      ring.takeCompletions { completions.append($0) }
    }
    return completions
  }
}
