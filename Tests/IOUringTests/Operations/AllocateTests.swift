import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .needsRing, .needs("fallocate"))
struct AllocateTests {
  private static let block: Int64 = 4096

  @Test func allocation_lengthens_the_file_unless_it_keeps_its_size() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop in
          try await loop.perform(.fallocate(file, offset: 0, count: 4 * Self.block, mode: .keepSize))
          var status = try await loop.perform(.status(of: file))
          #expect(status.size == 0)
          #expect(status.allocatedSize >= 4 * Self.block)
          try await loop.perform(.fallocate(file, offset: Self.block, count: Self.block))
          status = try await loop.perform(.status(of: file))
          #expect(status.size == 2 * Self.block)
        }
      }
    }
  }

  @Test func punched_hole_reads_as_zeros_and_gives_its_blocks_back() async throws {
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file"), String(repeating: "x", count: Int(3 * Self.block))) { file in
        try await withLoop { loop in
          try await loop.perform(.fsync(file))
          let before = try await loop.perform(.status(of: file))
          try await loop.perform(
            .fallocate(file, offset: Self.block, count: Self.block, mode: [.punchHole, .keepSize]))
          let after = try await loop.perform(.status(of: file))
          #expect(after.size == before.size)
          #expect(after.allocatedSize == before.allocatedSize - Self.block)
          let buffer = IOBuffer(capacity: 3)
          let count = try await loop.perform(.read(file, into: buffer, at: Self.block - 1))
          #expect(buffer.text(count) == "x\0\0")
        }
      }
    }
  }

  @Test func ranges_are_collapsed_inserted_and_zeroed() async throws {
    try await withTemporaryDirectory { directory in
      let text = ["a", "b", "c"].map { String(repeating: $0, count: Int(Self.block)) }.joined()
      try await withFile(directory.appending("file"), text) { file in
        try await withLoop { loop in
          try await loop.perform(.fsync(file))
          do {
            try await loop.perform(.fallocate(file, offset: 0, count: Self.block, mode: .collapseRange))
            try await loop.perform(.fallocate(file, offset: Self.block, count: Self.block, mode: .insertRange))
            try await loop.perform(.fallocate(file, offset: 0, count: 1, mode: .zeroRange))
          } catch Errno.notSupportedOnSocket {
            try Test.cancel("the file system of \(directory) has no such modes")
          }
          let buffer = IOBuffer(capacity: Int(3 * Self.block))
          let count = try await loop.perform(.read(file, into: buffer, at: 0))
          let zeros = String(repeating: "\0", count: Int(Self.block))
          let expected = "\0" + text.dropFirst(Int(Self.block) + 1).prefix(Int(Self.block) - 1) + zeros
          let isRight = buffer.text(count) == expected + String(repeating: "c", count: Int(Self.block))
          #expect(isRight)
        }
      }
    }
  }

  @Test func errors_are_those_of_the_call() async throws {
    let pipe = try SilentPipe()
    defer { pipe.close() }
    try await withTemporaryDirectory { directory in
      try await withFile(directory.appending("file")) { file in
        try await withLoop { loop in
          await #expect(throws: Errno.invalidArgument) { try await loop.perform(.fallocate(file, offset: 0, count: 0)) }
          await #expect(throws: Errno.invalidArgument) {
            try await loop.perform(.fallocate(file, offset: -1, count: 1))
          }
          await #expect(throws: Errno.badFileDescriptor) {
            try await loop.perform(.fallocate(unopenedDescriptor, offset: 0, count: 1))
          }
          await #expect(throws: Errno.illegalSeek) {
            try await loop.perform(.fallocate(pipe.writing, offset: 0, count: 1))
          }
          await #expect(throws: Errno.notSupportedOnSocket) {
            try await loop.perform(.fallocate(file, offset: 0, count: 1, mode: .punchHole))
          }
          await #expect(throws: Errno.fileTooLarge) {
            try await loop.perform(.fallocate(file, offset: .max - 1, count: 2))
          }
        }
      }
      try await withOpen(directory.appending("file")) { file in
        try await withLoop { loop in
          await #expect(throws: Errno.badFileDescriptor) {
            try await loop.perform(.fallocate(file, offset: 0, count: 1))
          }
        }
      }
    }
  }
}
