import Glibc
import Synchronization
import SystemPackage
import Testing

@testable import IOUring

@Suite(.needsRing, .timeLimit(.minutes(5)))
struct MessageTests {
  @Test func messages_arrive_in_their_order_and_whole() async throws {
    let messages: [UInt64] = [0, 1, .max, 0x8000_0000, 0x7fff_ffff_ffff_ffff, 0xdead_beef_0bad_cafe]
    try await withLoop { receiver in
      try await withLoop { sender in
        for message in messages { try await sender.send(message, to: receiver) }
        for message in messages { #expect(try await receiver.nextMessage() == message) }
      }
    }
  }

  @Test func a_message_wakes_a_loop_that_sleeps() async throws {
    try await withLoop { receiver in
      try await withLoop { sender in
        let task = Task(executorPreference: receiver) { try await receiver.nextMessage() }
        try await receiver.noOperation()
        try await sender.send(42, to: receiver)
        #expect(try await task.value == 42)
      }
    }
  }

  @Test func a_loop_can_send_to_itself() async throws {
    try await withLoop { loop in
      try await loop.send(5, to: loop)
      #expect(try await loop.nextMessage() == 5)
    }
  }

  @Test func rings_without_loops_get_their_messages_when_they_take_completions() throws {
    var sender = try Ring()
    var receiver = try Ring()
    let sent: [UInt64] = [1, .max, 0]
    for message in sent { _ = try sender.push(.message(message, to: receiver.descriptor)) }
    let descriptors = try FileDescriptor.pipe()
    defer {
      try? descriptors.readEnd.close()
      try? descriptors.writeEnd.close()
    }
    _ = try sender.push(.message(7, to: descriptors.readEnd.rawValue))
    var results: [Int32] = []
    while results.count < 4 {
      try sender.submit(waitingFor: 1)
      sender.takeCompletions { results.append($0.result) }
    }
    #expect(results.sorted() == [-EBADFD, 0, 0, 0])
    var messages: [UInt64] = []
    while messages.count < sent.count {
      try receiver.submit(waitingFor: 1)
      let others = receiver.takeCompletions({ _ in }, onMessage: { messages.append($0) })
      #expect(others == 0)
    }
    #expect(messages == sent)
    let (inFlight, strays) = (receiver.inFlight, receiver.strayCompletions)
    #expect(inFlight == 0 && strays == 0)
  }

  @Test func a_full_inbox_refuses_and_loses_nothing() async throws {
    try await withLoop { receiver in
      try await withLoop { sender in
        for number in 0..<MessagePlaces.limit { try await sender.send(UInt64(number), to: receiver) }
        await #expect(throws: Errno.noBufferSpace) { try await sender.send(0, to: receiver) }
        for number in 0..<MessagePlaces.limit { #expect(try await receiver.nextMessage() == UInt64(number)) }
        try await sender.send(1, to: receiver)
      }
    }
  }

  @Test func waiting_for_a_message_ends_with_the_task_and_with_the_loop() async throws {
    let loop = try RingLoop(.small)
    let cancelled = Task { try await loop.nextMessage() }
    cancelled.cancel()
    await #expect(throws: Errno.canceled) { try await cancelled.value }
    let left = Task(executorPreference: loop) { try await loop.nextMessage() }
    try await loop.noOperation()
    await loop.shutDown()
    await #expect(throws: Errno.canceled) { try await left.value }
    try await withLoop { sender in
      await #expect(throws: Errno.socketShutdown) { try await sender.send(1, to: loop) }
    }
  }

  /// Whoever has a ring's descriptor can post any completion on it.
  @Test func completions_that_are_nobodys_are_counted_and_do_no_harm() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let reading = Task(executorPreference: loop) {
        let buffer = IOBuffer(capacity: 16)
        return try await loop.read(pipe.reading, into: buffer, at: -1)
      }
      try await loop.noOperation()
      var stranger = try Ring(.small)
      let foreign: [UInt64] = [
        OperationID(index: 0, generation: 7777).userData, OperationID(index: 1, generation: 7777).userData,
        OperationID(index: 1, generation: 7777).userData | OperationID.cancelBit,
        OperationID(index: 500_000, generation: 0).userData, .max,
      ]
      for userData in foreign {
        _ = try stranger.push(
          SubmissionEntry(Int(Opcode.message.rawValue), descriptor: loop.sharedWorkers, length: 9, offset: userData))
      }
      var posted = 0
      while posted < foreign.count {
        try stranger.submit(waitingFor: 1)
        posted += stranger.takeCompletions { #expect($0.result == 0) }
      }
      // After these two the loop has taken what was there before.
      for _ in 0..<2 { try await loop.noOperation() }
      while loop.statistics.strayCompletions < foreign.count { await Task.yield() }
      #expect(loop.statistics.strayCompletions == foreign.count)
      try pipe.writing.writeAll([1, 2, 3])
      #expect(try await reading.value == 3)
    }
  }
}
