import Foundation
import LinuxSystem
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import IOUring

@Suite(.inTurn, .needsRing)
struct RingLoopTests {
  @Test func operation_from_another_thread_comes_back() async throws {
    try await withLoop { loop in
      #expect(!loop.isCurrent)
      try await loop.perform(.noOperation())
    }
  }

  @Test func task_with_preference_runs_on_the_loop_and_stays_there() async throws {
    try await withLoop { loop in
      let places = try await Task(executorPreference: loop) {
        var places = [loop.isCurrent]
        for _ in 0..<100 {
          try await loop.perform(.noOperation())
          places.append(loop.isCurrent)
        }
        return places
      }.value
      #expect(places.allSatisfy { $0 })
    }
  }

  @Test func file_is_opened_written_read_examined_and_closed() async throws {
    try await withTemporaryDirectory { directory in
      try await withLoop { loop in
        let path = directory.appending("größe")
        let file = try await loop.perform(.open(path, .readWrite, options: [.create]))
        let written = try await loop.perform(.write(file, from: IOBuffer("water", capacity: 64), count: 5, at: 0))
        #expect(written == 5)
        let buffer = IOBuffer(capacity: 64)
        let read = try await loop.perform(.read(file, into: buffer, at: 1))
        #expect(buffer.text(read) == "ater")
        let status = try await loop.perform(.status(of: path))
        #expect(status.kind == .regular)
        #expect(status.size == 5)
        let attributes = try FileManager.default.attributesOfItem(atPath: path.string)
        #expect(status.inode == (attributes[.systemFileNumber] as? UInt64))
        try await loop.perform(.close(file))
        // Not the same descriptor again: its number may be another test's file by now.
        let nobodys = FileDescriptor(rawValue: .max)
        await #expect(throws: Errno.badFileDescriptor) { try await loop.perform(.close(nobodys)) }
      }
    }
  }

  @Test func open_of_a_missing_file_throws_its_errno() async throws {
    try await withLoop { loop in
      await #expect(throws: Errno.noSuchFileOrDirectory) { try await loop.perform(.open("/nowhere/at/all")) }
    }
  }

  @Test func more_tasks_than_slots_all_get_their_turn() async throws {
    try await withLoop(operations: 8) { loop in
      let done = try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<500 {
          group.addTask(executorPreference: loop) {
            for _ in 0..<10 { try await loop.perform(.noOperation()) }
            return 10
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(done == 5000)
    }
  }

  @Test func sixty_four_tasks_share_their_enters() async throws {
    try await withLoop { loop in
      let before = loop.statistics
      await withTaskGroup(of: Void.self) { group in
        for _ in 0..<64 {
          group.addTask(executorPreference: loop) {
            for _ in 0..<100 { try? await loop.perform(.noOperation()) }
          }
        }
      }
      let enters = loop.statistics.enters - before.enters
      let operations = loop.statistics.operations - before.operations
      #expect(operations >= 6400)
      #expect(Double(enters) / Double(operations) <= 0.1, "\(enters) enters for \(operations) operations")
    }
  }

  @Test func sleeps_overlap_and_none_is_short() async throws {
    try await withLoop(operations: 256) { loop in
      let asleep = Depth()
      let start = ContinuousClock.now
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<1000 {
          group.addTask(executorPreference: loop) {
            asleep.enter()
            try await loop.perform(.timeout(.milliseconds(20)))
            asleep.leave()
          }
        }
        try await group.waitForAll()
      }
      // 1,000 sleeps in 256 slots are four waves.
      #expect(ContinuousClock.now - start >= .milliseconds(80))
      #expect(asleep.greatest > 256)
    }
  }

  @Test func cancelling_a_task_ends_its_read() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      for executor in [loop, nil] {
        let started = Latch()
        let task = Task(executorPreference: executor) {
          started.open()
          _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
        }
        await started.wait()
        task.cancel()
        await #expect(throws: Errno.canceled) { try await task.value }
      }
    }
  }

  @Test func task_cancelled_before_it_asks_gets_nothing_done() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let task = Task(executorPreference: loop) {
        withUnsafeCurrentTask { $0?.cancel() }
        _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
      }
      await #expect(throws: Errno.canceled) { try await task.value }
    }
  }

  @Test func cancelling_waiters_for_a_slot_ends_them_too() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(operations: 2) { loop in
      let tasks = (0..<20).map { _ in
        Task(executorPreference: loop) {
          _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
        }
      }
      for task in tasks { task.cancel() }
      for task in tasks { await #expect(throws: Errno.canceled) { try await task.value } }
      try await loop.perform(.noOperation())
    }
  }

  @Test func cancelled_waiter_for_a_slot_does_not_wait_for_one() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop(operations: 1) { loop in
      let holder = Task(executorPreference: loop) {
        _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
      }
      for executor in [loop, nil] {
        let waiter = Task(executorPreference: executor) { try await loop.perform(.noOperation()) }
        for _ in 0..<100 { await Task.yield() }
        waiter.cancel()
        await #expect(throws: Errno.canceled) { try await waiter.value }
      }
      holder.cancel()
      await #expect(throws: Errno.canceled) { try await holder.value }
      try await loop.perform(.noOperation())
    }
  }

  @Test func shut_down_cancels_what_is_in_flight_and_refuses_more() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    let loop = try RingLoop(.small)
    let started = Latch()
    let task = Task(executorPreference: loop) {
      started.open()
      _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
    }
    await started.wait()
    await loop.shutDown()
    await #expect(throws: Errno.canceled) { try await task.value }
    await #expect(throws: Errno.socketShutdown) { try await loop.perform(.noOperation()) }
    await loop.shutDown()
  }

  @Test func file_is_closed_whatever_becomes_of_task_and_loop() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    // One end of a pipe of its own: the number may be another file's as soon as it is closed.
    func open() throws -> FileDescriptor {
      let ends = try FileDescriptor.pipe()
      try ends.readEnd.close()
      return ends.writeEnd
    }
    func inode(_ file: FileDescriptor) -> ino_t? {
      var status = stat()
      return fstat(file.rawValue, &status) == 0 ? status.st_ino : nil
    }
    let left = try open()
    let leftInode = inode(left)
    let loop = try RingLoop(Ring.Configuration(operations: 1))
    let holder = Task(executorPreference: loop) {
      try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 1), at: -1))
    }
    await loop.waitForOperationsInFlight(2)
    for executor in [loop, nil] {
      let file = try open()
      let before = inode(file)
      let closing = Task(executorPreference: executor) {
        withUnsafeCurrentTask { $0?.cancel() }
        try await loop.perform(.close(file))
      }
      try await closing.value
      #expect(before != nil && inode(file) != before)
    }
    await loop.shutDown()
    await #expect(throws: Errno.canceled) { try await holder.value }
    try await loop.perform(.close(left))
    #expect(leftInode != nil && inode(left) != leftInode)
  }

  @Test func task_that_outlives_its_loop_still_ends() async throws {
    let loop = try RingLoop(.small)
    let (go, started) = (Latch(), Latch())
    let task = Task(executorPreference: loop) {
      started.open()
      await go.wait()
      return loop.isCurrent
    }
    await started.wait()
    await loop.shutDown()
    go.open()
    #expect(await task.value == false)
  }

  @Test func loop_can_idle_with_a_read_pending_and_still_hear() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let buffer = Task(executorPreference: loop) {
        let buffer = IOBuffer(capacity: 16)
        let count = try await loop.perform(.read(pipe.reading, into: buffer, at: -1))
        return buffer.text(count)
      }
      for _ in 0..<10 { try await loop.perform(.noOperation()) }
      try pipe.writing.writeAll("at last".utf8)
      #expect(try await buffer.value == "at last")
    }
  }
}

/// How many tasks are in a section of code now, and at most.
private final class Depth: Sendable {
  private let state = Mutex((now: 0, greatest: 0))

  var greatest: Int { state.withLock { $0.greatest } }

  func enter() {
    state.withLock { state in
      state.now += 1
      state.greatest = max(state.greatest, state.now)
    }
  }

  func leave() {
    state.withLock { $0.now -= 1 }
  }
}
