import FileTestSupport
import Foundation
import Glibc
import IOUring
import Synchronization
import SystemPackage
import TestTurns
import Testing

/// Operations that are cancelled at random moments: in the end every slot and buffer is free. One test measures the
/// address space of the whole process.
@Suite(.alone, .needsRing, .timeLimit(.minutes(5)))
struct CancellationStormTests {
  static let slots: UInt32 = 64
  static let operations = TestExpectation.isFull ? 100_000 : 25_000
  static let directReads = operations / 5
  /// Tasks at once: more than there are slots, so that some are cancelled while they wait for one.
  static let width = 96

  /// Starts `count` tasks on the loop, `width` at a time, and cancels each at a random moment, which follows from the
  /// seed.
  private func storm(
    _ loop: RingLoop, _ count: Int, seed: UInt64, _ body: @escaping @Sendable (_ number: Int) async throws -> Void
  ) async throws {
    for first in stride(from: 0, to: count, by: Self.width) {
      await withTaskGroup(of: Void.self) { group in
        for number in first..<min(count, first + Self.width) {
          group.addTask(executorPreference: loop) {
            let task = Task(executorPreference: loop) { try await body(number) }
            var random = SeededRandom(seed: seed &+ UInt64(number))
            for _ in 0..<Int.random(in: 0..<8, using: &random) { await Task.yield() }
            task.cancel()
            if number % 5 == 0 { task.cancel() }
            _ = await task.result
          }
        }
      }
    }
  }

  @Test(arguments: [TestSeed.value])
  func after_many_cancelled_operations_slots_buffers_and_loop_are_free(seed: UInt64) async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    let before = virtualMemory
    try await withLoop(operations: Self.slots) { loop in
      try await storm(loop, Self.operations, seed: seed) { number in
        // A thousand large buffers, a gigabyte in all, so that leaked buffers are noticed.
        let buffer = IOBuffer(capacity: number % (Self.operations / 1000) == 0 ? 1 << 20 : 16)
        let silence = RingOperation.read(pipe.reading, into: buffer, at: -1)
        switch number % 5 {
        case 0: _ = try await loop.perform(silence)
        case 1: try await loop.perform(.timeout(.seconds(1000)))
        case 2: try await loop.perform(.noOperation())
        case 3: _ = try await loop.perform(silence, within: .seconds(1000))
        default:
          let results = await loop.perform(OperationChain(silence).always(.noOperation()).always(silence))
          #expect(results.count == 3)
        }
      }
      // All slots can be used at once, the last one by an operation that completes.
      let all = (1..<Int(Self.slots)).map { _ in
        Task(executorPreference: loop) {
          _ = try await loop.perform(.read(pipe.reading, into: IOBuffer(capacity: 16), at: -1))
        }
      }
      try await loop.perform(.noOperation())
      for task in all { task.cancel() }
      for task in all { await #expect(throws: Errno.canceled) { try await task.value } }
      #expect(loop.statistics.strayCompletions == 0)
    }
    #expect(virtualMemory - before < 500 << 20)
    // No read has survived its task.
    try pipe.writing.writeAll([9])
    var byte: UInt8 = 0
    _ = try withUnsafeMutableBytes(of: &byte) { try pipe.reading.read(into: $0) }
    #expect(byte == 9)
  }

  /// With `O_DIRECT` the disk writes into the buffer by itself. Once the call has returned, it must not.
  @Test(arguments: [TestSeed.value])
  func no_byte_arrives_in_a_buffer_that_has_been_given_back(seed: UInt64) async throws {
    try await withTemporaryDirectory { directory in
      let path = directory.appending("file")
      let (size, piece) = (4 << 20, 64 << 10)
      try Data(repeating: 1, count: size).write(to: URL(fileURLWithPath: path.string))
      let file = try FileDescriptor.open(path, .readOnly, options: .direct)
      defer { try? file.close() }
      let corruptions = Atomic<Int>(0)
      try await withLoop(operations: Self.slots) { loop in
        try await storm(loop, Self.directReads, seed: seed) { number in
          let buffer = IOBuffer(capacity: piece)
          let offset = Int64(number % (size / piece) * piece)
          _ = try? await loop.perform(.read(file, into: buffer, at: offset))
          buffer.poison()
          // Time for a late transfer, if there is one. This task has been cancelled, so only the loop's turns pass.
          for _ in 0..<20 { await Task.yield() }
          if !buffer.isPoisoned { corruptions.add(1, ordering: .relaxed) }
        }
      }
      #expect(corruptions.load(ordering: .relaxed) == 0)
    }
  }
}

/// Bytes of the process's address space in use (proc_pid_statm(5)).
private var virtualMemory: Int {
  let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").first
  return (pages.flatMap { Int($0) } ?? 0) * Int(getpagesize())
}

extension IOBuffer {
  private static let poison: UInt8 = 0xa5

  fileprivate func poison() {
    withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes { _ = memset($0.baseAddress!, Int32(Self.poison), $0.count) }
    }
  }

  fileprivate var isPoisoned: Bool {
    // Each byte is the one before it, and the first is the poison.
    withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes {
        $0[0] == Self.poison && memcmp($0.baseAddress!, $0.baseAddress! + 1, $0.count - 1) == 0
      }
    }
  }
}
