import FileEngines
import FileTestSupport
import Glibc
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FileProgressTests {
  /// Of several reads, and one that is read ahead by a ring.
  @Test(arguments: EngineUnderTest.allCases, [20_000, 3 << 20])
  func bytes_are_counted_while_a_file_is_read(_ kind: EngineUnderTest, _ size: Int) async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([UInt8](repeating: 1, count: size), to: "file")
    try await withEngine(kind) { engine in
      for place in Place.allCases {
        try await place.run(engine) {
          let progress = FileProgress()
          var read: Int64 = 0
          var (isCounted, isAhead) = (true, false)
          let reader = FileReader(engine, progress: progress)
          try await reader.readAll(FileReference(path: path)) { piece in
            read += Int64(piece.byteCount)
            isCounted = isCounted && progress.bytesRead == read
            isAhead = isAhead || read < size && progress.filesFinished == 0
          }
          #expect(isCounted)
          #expect(isAhead)
          #expect(progress.bytesRead == Int64(size))
          #expect(progress.filesFinished == 1)
        }
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_file_that_cannot_be_read_is_finished_too(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([1], to: "file")
    try await withEngine(kind) { engine in
      let progress = FileProgress()
      let reader = FileReader(engine, progress: progress)
      _ = try await failure { try await reader.readAll(FileReference(path: directory.path("missing"))) { _ in } }
      try await reader.readAll(FileReference(path: path)) { _ in }
      #expect(progress.filesFinished == 2)
      #expect(progress.bytesRead == 1)
    }
  }
}
