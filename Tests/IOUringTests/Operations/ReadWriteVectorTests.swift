import Foundation
import IOUring
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("readv", "writev"))
struct ReadWriteVectorTests {
  @Test func slices_are_written_and_read_in_order() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop in
          let (head, body) = (IOBuffer("head", capacity: 8), IOBuffer("--body--", capacity: 8))
          let slices = [head.slice(0..<4), head.slice(4..<4), body.slice(2..<6), head.slice(0..<1)]
          #expect(try await loop.perform(.writeVector(file, from: slices, at: 3)) == 9)
          let (first, second) = (IOBuffer(capacity: 5), IOBuffer(capacity: 64))
          let count = try await loop.perform(.readVector(file, into: [first.whole, second.whole], at: 3))
          #expect(count == 9)
          #expect(first.text(5) + second.text(4) == "headbodyh")
          #expect(try await loop.perform(.readVector(file, into: [first.whole], at: 12)) == 0)
        }
      }
    }
  }

  @Test func most_slices_go_in_one_operation() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop async throws in
          let digits = IOBuffer("0123456789", capacity: 10)
          let slices = (0..<IOBuffer.mostSlices).map { digits.slice($0 % 10..<$0 % 10 + 1) }
          #expect(try await loop.perform(.writeVector(file, from: slices, at: 0)) == slices.count)
          let back = IOBuffer(capacity: 2 * slices.count)
          let parts = (0..<IOBuffer.mostSlices).map { back.slice(2 * $0..<2 * $0 + 1) }
          #expect(try await loop.perform(.readVector(file, into: parts, at: 0)) == slices.count)
          let isRight = back.withBytes(back.capacity - 1) { bytes in
            (0..<slices.count).allSatisfy {
              bytes.unsafeLoad(fromByteOffset: 2 * $0, as: UInt8.self) == UInt8(ascii: "0") + UInt8($0 % 10)
            }
          }
          #expect(isRight)
        }
      }
    }
  }

  @Test func too_many_slices_stop_the_program() async {
    await #expect(processExitsWith: .failure) {
      let buffer = IOBuffer(capacity: 1)
      _ = RingOperation.readVector(
        .standardInput, into: Array(repeating: buffer.whole, count: IOBuffer.mostSlices + 1), at: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = RingOperation.readVector(.standardInput, into: [], at: 0)
    }
    await #expect(processExitsWith: .failure) {
      _ = IOBuffer(capacity: 8).slice(4..<9)
    }
  }

  @Test func buffers_live_until_the_completion() throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    var ring = try Ring(.small)
    weak var buffer: IOBuffer?
    func begin() throws -> OperationID? {
      let strong = IOBuffer(capacity: 4)
      buffer = strong
      return try ring.push(.readVector(pipe.reading, into: [strong.slice(0..<2), strong.slice(2..<4)], at: -1))
    }
    _ = try begin()
    try ring.submit()
    #expect(buffer != nil)
    _ = try pipe.writing.writeAll("data".utf8)
    try ring.submit(waitingFor: 1)
    var results: [Int32] = []
    ring.takeCompletions { results.append($0.result) }
    #expect(results == [4])
    #expect(buffer == nil)
  }

  @Test func cancelled_read_lets_go_of_its_buffers() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withLoop { loop in
      let started = Latch()
      let task = Task(executorPreference: loop) {
        started.open()
        let buffer = IOBuffer(capacity: 2)
        _ = try await loop.perform(.readVector(pipe.reading, into: [buffer.slice(0..<1), buffer.slice(1..<2)], at: -1))
      }
      await started.wait()
      task.cancel()
      await #expect(throws: Errno.canceled) { try await task.value }
    }
  }

  @Test func errors_are_those_of_the_call() async throws {
    try await withTemporaryDirectory { directory in
      try makeFile(directory.appending("file"), "text")
      try await withLoop { loop in
        let slices = [IOBuffer(capacity: 8).whole]
        await #expect(throws: Errno.badFileDescriptor) {
          try await loop.perform(.readVector(unopenedDescriptor, into: slices, at: 0))
        }
        try await withOpen(directory) { start in
          await #expect(throws: Errno.isDirectory) { try await loop.perform(.readVector(start, into: slices, at: 0)) }
        }
        try await withOpen(directory.appending("file")) { file in
          let text = [IOBuffer("text", capacity: 4).whole]
          await #expect(throws: Errno.badFileDescriptor) {
            try await loop.perform(.writeVector(file, from: text, at: 0))
          }
        }
      }
    }
  }

  @Test(.needs("write_fixed")) func fixed_write_writes_from_the_registered_buffer() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        var ring = try Ring(.small)
        let buffers = [IOBuffer(capacity: 4096), IOBuffer("fixed", capacity: 4096)]
        try ring.register(buffers)
        _ = try ring.push(.writeFixed(file, from: buffers[1], index: 1, count: 5, at: 2))
        // The kernel refuses memory outside the registered buffer.
        _ = try ring.push(.writeFixed(file, from: buffers[1], index: 0, count: 5, at: 9))
        var results: Set<Int32> = []
        while results.count < 2 {
          try ring.submit(waitingFor: 1)
          ring.takeCompletions { results.insert($0.result) }
        }
        #expect(results == [5, -Errno.badAddress.rawValue])
        #expect(try contents(directory.appending("file")) == "\0\0fixed")
        try ring.unregisterBuffers()
      }
    }
  }
}
