import NIOCore
import _NIOFileSystem

extension TreeReader {
  /// NIO's file system: its own recursive listing, and so many tasks that read.
  static func nio(tasks: Int) -> TreeReader {
    TreeReader(name: "NIO, \(tasks) \(tasks == 1 ? "task" : "tasks")") { path in
      try await FileSystem.shared.withDirectoryHandle(atPath: FilePath(path)) { directory in
        try await withThrowingTaskGroup(of: Int64.self) { group in
          var (count, running) = (Count(), 0)
          for try await entry in directory.listContents(recursive: true) where entry.type == .regular {
            if running == tasks, let bytes = try await group.next() {
              count.bytes += bytes
              running -= 1
            }
            let file = entry.path
            group.addTask { try await byteCount(file) }
            running += 1
            count.files += 1
          }
          for try await bytes in group { count.bytes += bytes }
          return count
        }
      }
    }
  }

  /// Reads a file in pieces of 128 KiB, as the engines do.
  private static func byteCount(_ path: FilePath) async throws -> Int64 {
    try await FileSystem.shared.withFileHandle(forReadingAt: path) { file in
      var bytes: Int64 = 0
      for try await chunk in file.readChunks(in: 0..., chunkLength: .kibibytes(128)) {
        bytes += Int64(chunk.readableBytes)
      }
      return bytes
    }
  }
}
