import FilePipeline
import FileTestSupport
import TestTurns
import Testing

/// A file's lines as an asynchronous sequence.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FileLinesTests {
  private let directory: TemporaryDirectory
  private let long = (0..<900).map { "line \($0) " + String(repeating: "x", count: $0 % 50) }

  init() throws {
    directory = try TemporaryDirectory(.disk)
    try directory.write(long.joined(separator: "\r\n").utf8, to: "crlf")
    try directory.write((long.joined(separator: "\n") + "\n").utf8, to: "newlines")
    try directory.write([], to: "none")
    try directory.write("\n\nb".utf8, to: "short")
  }

  private func files(_ engine: any FileEngine) -> FilePipeline {
    FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine))
  }

  @Test(arguments: EngineUnderTest.allCases)
  func are_the_lines_of_the_file(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let found = try await files(engine).mapAsync(width: 2) { file in
        var lines: [String] = []
        for try await line in file.lines { lines.append(line) }
        return lines
      }.collect()
      #expect(found == [long, long, [], ["", "", "b"]])
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func have_a_bound_and_the_file_is_closed_behind_it(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let errors = try await files(engine).filter { $0.path.lastComponent == "newlines" }.mapAsync(width: 1) { file in
        try await failure { for try await _ in file.lines(limit: 20) {} }
      }.collect()
      #expect(errors.map(\.cause) == [.processing(ProcessingError(LineTooLong(number: 14, limit: 20)))])
    }
    #expect(directory.isLetGo())
  }
}
