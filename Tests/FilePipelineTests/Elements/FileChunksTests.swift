import FilePipeline
import FileTestSupport
import TestTurns
import Testing

/// A file's bytes as an asynchronous sequence.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FileChunksTests {
  private let directory: TemporaryDirectory
  private let large = [UInt8].noise(70_000)

  init() throws {
    directory = try TemporaryDirectory(.disk)
    try directory.write(large, to: "large")
    try directory.write([], to: "none")
    try directory.write("text".utf8, to: "small")
  }

  private func files(_ engine: any FileEngine) -> FilePipeline {
    FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine))
  }

  private func bytes(_ file: FileEntry) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    for try await chunk in file.chunks {
      precondition(!chunk.isEmpty, "a chunk has a byte")
      bytes += chunk
    }
    return bytes
  }

  @Test(arguments: EngineUnderTest.allCases)
  func are_the_bytes_of_the_file(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let contents = try await files(engine).mapAsync(width: 2) { try await bytes($0) }.collect()
      #expect(contents == [large, [], Array("text".utf8)])
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func go_through_the_stages_of_the_file(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let contents = try await files(engine)
        .transform { Tripled() }
        .transform { Reversed() }
        .mapAsync(width: 2) { try await bytes($0) }
        .collect()
      let tripled: [UInt8] = large.flatMap { [$0, $0, $0] } + [33]
      #expect(contents == [Array(tripled.reversed()), [33], Array("!tttxxxeeettt".utf8)])
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func close_the_file_when_they_are_given_up(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let first = try await files(engine).mapAsync(width: 1) { file in
        for try await chunk in file.chunks { return chunk.count }
        return 0
      }.collect()
      // The simulated engine may read less.
      #expect((1...4096).contains(first[0]) && first[1] == 0 && (1...4).contains(first[2]))
      #expect(directory.isLetGo())
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func throw_what_is_wrong_with_the_file(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let gone = FilePipeline.files(at: [FilePath("/nowhere/at/all")], engine: .engine(engine))
      let errors = try await gone.mapAsync(width: 1) { file in
        try await failure { for try await _ in file.chunks {} }
      }.collect()
      #expect(errors.map(\.cause) == [.system(.noSuchFileOrDirectory)])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func end_when_the_run_is_cancelled(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let begun = Gate()
      let run = files(engine).mapAsync(width: 1) { file in
        for try await _ in file.chunks {
          begun.open()
          while !Task.isCancelled { await Task.yield() }
        }
      }.start(.count)
      await begun.wait()
      run.cancel()
      await #expect(throws: CancellationError.self) { try await run.value }
      #expect(directory.isLetGo())
    }
  }

  @Test func are_over_with_the_run() async throws {
    let entries = try await FilePipeline.files(under: FilePath(directory.string), engine: .threads).collect()
    let error = try await failure { for try await _ in entries[0].chunks {} }
    #expect(error.cause == .engineShutDown)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func heed_what_the_run_is_to_skip(_ kind: EngineUnderTest) async throws {
    let excluded = try FileReference(path: directory.path("small")).identity()
    try await withEngine(kind) { engine in
      let causes = try await files(engine).excluding(excluded).filter { $0.path.lastComponent == "small" }
        .mapAsync(width: 1) { file in try await failure { for try await _ in file.chunks {} }.cause }
        .collect()
      #expect(causes == [.excluded])
      #expect(directory.isLetGo())
    }
  }
}
