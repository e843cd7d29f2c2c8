import Glibc
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

@Suite(.inTurn, .needsRing, .timeLimit(.minutes(5)))
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
        try await receiver.perform(.noOperation())
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
    var sender = try Ring(.small)
    var receiver = try Ring(.small)
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
        for number in 0..<receiver.messageCapacity { try await sender.send(UInt64(number), to: receiver) }
        await #expect(throws: Errno.noBufferSpace) { try await sender.send(0, to: receiver) }
        for number in 0..<receiver.messageCapacity { #expect(try await receiver.nextMessage() == UInt64(number)) }
        try await sender.send(1, to: receiver)
      }
    }
  }

  @Test(.needsLockedMemory(4 << 20)) func the_completion_queue_has_room_for_all_messages_beside_the_operations()
    async throws
  {
    for operations: UInt32 in [0, 1, 62, 63, 126, 127, 1023, 4000, .max] {
      try await withLoop(operations: operations) { loop in
        let (room, capacity) = await Task(executorPreference: loop) {
          (loop.core!.ring.roomForMessages, loop.core!.ring.capacity)
        }.value
        #expect(capacity > 1)
        #expect(loop.messageCapacity <= room)
        #expect((MessageCredits.fewest...MessageCredits.most).contains(loop.messageCapacity))
      }
    }
  }

  /// The next ring gets the same descriptor number.
  @Test func a_message_never_reaches_another_ring_than_its_target() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(operations: 1) { sender in
      let holder = Task(executorPreference: sender) {
        try await sender.perform(.read(pipe.reading, into: IOBuffer(capacity: 1), at: -1))
      }
      await sender.waitForOperationsInFlight(2)
      let receiver = try RingLoop(.small)
      let sending = Task(executorPreference: sender) { try await sender.send(7, to: receiver) }
      await sender.waitForBacklog()
      let number = receiver.sharedWorkers
      await receiver.shutDown()
      // Others may open descriptors at the same time: as many rings as it takes.
      var rings = RingList()
      for _ in 0..<100 {
        if try rings.add() == number { break }
      }
      holder.cancel()
      await #expect(throws: Errno.socketShutdown) { try await sending.value }
      #expect(rings.takeMessages() == [])
    }
  }

  @Test(.needsLockedMemory(4 << 20)) func a_loop_that_ends_waits_for_messages_under_way_to_it() async throws {
    try await withLoop { sender in
      for _ in 0..<100 {
        let receiver = try RingLoop(Ring.Configuration(operations: 8))
        let sending = (0..<8).map { number in
          Task(executorPreference: sender) { try await sender.send(UInt64(number), to: receiver) }
        }
        await receiver.shutDown()
        for task in sending {
          switch await task.result {
          case .success: break
          case .failure(let error): #expect(error as? Errno == .socketShutdown)
          }
        }
      }
    }
  }

  @Test(.needsLockedMemory(4 << 20)) func loops_that_send_to_each_other_can_end_at_the_same_time() async throws {
    for _ in 0..<50 {
      let (one, other) = (
        try RingLoop(Ring.Configuration(operations: 8)), try RingLoop(Ring.Configuration(operations: 8))
      )
      let sending = (0..<20).map { number in
        let (from, to) = number % 2 == 0 ? (one, other) : (other, one)
        return Task(executorPreference: from) { try await from.send(UInt64(number), to: to) }
      }
      async let end: Void = one.shutDown()
      await other.shutDown()
      await end
      for task in sending { _ = await task.result }
      await #expect(throws: Errno.socketShutdown) { try await one.send(1, to: other) }
    }
  }

  @Test func a_message_without_a_credit_is_dropped_and_counted_when_there_is_no_room() async throws {
    try await withLoop { loop in
      var stranger = try Ring(Ring.Configuration(submissions: 64, operations: 64))
      let excess = 100
      var posted = 0
      while posted < loop.messageCapacity + excess {
        if try stranger.push(.message(UInt64(posted), to: loop.sharedWorkers)) != nil {
          posted += 1
        } else {
          try stranger.submit(waitingFor: 1)
          stranger.takeCompletions { #expect($0.result == 0) }
        }
      }
      while stranger.inFlight > 0 {
        try stranger.submit(waitingFor: 1)
        stranger.takeCompletions { #expect($0.result == 0) }
      }
      while loop.statistics.strayCompletions < excess { try await loop.perform(.noOperation()) }
      for number in 0..<loop.messageCapacity { #expect(try await loop.nextMessage() == UInt64(number)) }
      #expect(loop.statistics.strayCompletions == excess)
      // The loop has as many credits as before.
      for _ in 0..<loop.messageCapacity { try await loop.send(1, to: loop) }
      await #expect(throws: Errno.noBufferSpace) { try await loop.send(1, to: loop) }
    }
  }

  @Test func waiting_for_a_message_ends_with_the_task_and_with_the_loop() async throws {
    let loop = try RingLoop(.small)
    let cancelled = Task { try await loop.nextMessage() }
    cancelled.cancel()
    await #expect(throws: Errno.canceled) { try await cancelled.value }
    let left = Task(executorPreference: loop) { try await loop.nextMessage() }
    try await loop.perform(.noOperation())
    await loop.shutDown()
    await #expect(throws: Errno.canceled) { try await left.value }
    try await withLoop { sender in
      await #expect(throws: Errno.socketShutdown) { try await sender.send(1, to: loop) }
    }
  }

  /// A holder of a ring's descriptor can post any completion on it.
  @Test func foreign_completions_are_counted_and_do_no_harm() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let reading = Task(executorPreference: loop) {
        let buffer = IOBuffer(capacity: 16)
        return try await loop.perform(.read(pipe.reading, into: buffer, at: -1))
      }
      try await loop.perform(.noOperation())
      var stranger = try Ring(.small)
      let foreign: [UInt64] = [
        OperationID(index: 0, generation: 7777).userData(), OperationID(index: 1, generation: 7777).userData(),
        OperationID(index: 1, generation: 7777).userData() | OperationID.cancelBit,
        OperationID(index: 50_000, generation: 0).userData(), .max,
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
      for _ in 0..<2 { try await loop.perform(.noOperation()) }
      while loop.statistics.strayCompletions < foreign.count { await Task.yield() }
      #expect(loop.statistics.strayCompletions == foreign.count)
      try pipe.writing.writeAll([1, 2, 3])
      #expect(try await reading.value == 3)
    }
  }
}

/// Several rings. They are noncopyable, so an array cannot hold them directly.
private struct RingList: ~Copyable {
  private var rings: [RingBox] = []

  /// Makes a ring, and returns its descriptor.
  mutating func add() throws -> Int32 {
    rings.append(RingBox(try Ring(Ring.Configuration(submissions: 1, operations: 1))))
    return rings[rings.count - 1].ring.descriptor
  }

  func takeMessages() -> [UInt64] {
    var messages: [UInt64] = []
    for box in rings {
      try? box.ring.submitAndFlush()
      box.ring.takeCompletions({ _ in }, onMessage: { messages.append($0) })
    }
    return messages
  }
}

private final class RingBox {
  var ring: Ring

  init(_ ring: consuming Ring) {
    self.ring = ring
  }
}
