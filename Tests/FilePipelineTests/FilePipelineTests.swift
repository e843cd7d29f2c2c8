import FilePipeline
import FileTestSupport
import Foundation
import SystemPackage
import TestTurns
import Testing

/// Every engine gives the same results as a plain loop.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FilePipelineTests {
  @Test(arguments: EngineUnderTest.allCases, [4096, 128 * 1024])
  func results_are_those_of_a_plain_loop_in_the_order_of_the_paths(
    _ kind: EngineUnderTest, _ bufferSize: Int
  ) async throws {
    let directory = try TemporaryDirectory()
    _ = try RandomTree.fill(directory, seed: 3)
    try directory.write([UInt8].noise(300_000), to: "large")
    let expected = try RandomTree.files(under: directory.path).map { FileContents(path: $0, bytes: try plainRead($0)) }
    try await withEngine(kind, .small(bufferSize: bufferSize)) { engine in
      let results = try await FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine))
        .reduce { Collector() }
        .collect()
      let contents = try results.map { FileContents(path: $0.pathBytes, bytes: try $0.value) }
      #expect(contents == expected)
      let counts = results.map { Int($0.byteCount) }
      #expect(counts == expected.map(\.bytes.count))
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func stages_follow_one_another_whatever_the_pieces(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let text = (0..<3000).map { "line \($0)\n" }.joined()
    let path = try directory.write(text.utf8, to: "text")
    try directory.write([], to: "zero")
    let uppercase = Array(text.uppercased().utf8)
    let tripled = uppercase.flatMap { byte in [byte, byte, byte] } + [UInt8(33)]
    let expected = Array(tripled.reversed())
    for bufferSize in [4096, 128 * 1024] {
      try await withEngine(kind, .small(bufferSize: bufferSize)) { engine in
        let results = try await FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine))
          .transform { UppercaseASCII() }
          .transform { Tripled() }
          .transform { Reversed() }
          .reduce { Collector() }
          .collect()
        #expect(results.map(\.pathBytes) == [path, directory.path("zero")])
        #expect(try results.map { try $0.value } == [expected, [33]])
        // The bytes of the file, not those of the stages.
        #expect(results.map(\.byteCount) == [Int64(text.utf8.count), 0])
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func failures_are_results_in_their_place(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    for name in ["1", "2", "3"] { try directory.write(name.utf8, to: name) }
    let names = ["1", "missing", "2", "gone", "3"].map(directory.path)
    let source = FileSource {
      var isAtEnd = false
      return {
        if isAtEnd { return nil }
        isAtEnd = true
        return names.map { WalkEntry(.success(FileReference(path: $0))) }
          + [WalkEntry(.failure(FileError(path: [1], operation: .list, cause: .system(.permissionDenied))))]
      }
    }
    try await withEngine(kind) { engine in
      let results = try await FilePipeline(source, engine: .engine(engine)).reduce { Collector() }.collect()
      #expect(results.map(\.pathBytes) == names + [[1]])
      let outputs = results.map { try? $0.value }
      #expect(outputs == [[49], nil, [50], nil, [51], nil])
      #expect(throws: FileError(path: names[1], operation: .open, cause: .system(.noSuchFileOrDirectory))) {
        _ = try results[1].outcome.get()
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func file_that_vanishes_after_it_was_listed_is_a_failure(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b", "c"] { try directory.write(name.utf8, to: name) }
    let source = FileSource {
      var walk = DirectoryWalk([directory.path])
      return {
        let batch = try walk.nextBatch()
        unlink(directory.string + "/b")
        return batch
      }
    }
    try await withEngine(kind) { engine in
      let results = try await FilePipeline(source, engine: .engine(engine)).reduce { Collector() }.collect()
      #expect(results.map(\.pathBytes) == ["a", "b", "c"].map(directory.path))
      let outputs = results.map { try? $0.value }
      #expect(outputs == [[97], nil, [99]])
      try directory.write("b".utf8, to: "b")
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func the_numbers_of_the_report_add_up(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    for number in 0..<500 { try directory.write([UInt8].noise(number), to: "\(number)") }
    let source = FileSource {
      var walk = DirectoryWalk([directory.path, Array("/missing".utf8)])
      return { try walk.nextBatch() }
    }
    try await withEngine(kind) { engine in
      let report = try await FilePipeline(source, engine: .engine(engine)).reduce { Collector() }.forEach { _ in }
      #expect(report.stages.map(\.name) == ["files", "reduce", "forEach"])
      #expect(report.stages[1].bytes == 499 * 500 / 2 && report.stages[1].metrics == ["failed files": 1])
      #expect(report.stages[0].note == "The engine was \(kind.kind).")
      #expect(report.stages.map(\.input) == [501, 501, 501])
      #expect(report.stages.map(\.output) == [501, 501, 501])
      #expect(report.stages.map(\.failed) == [0, 0, 0])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_shared_engine_serves_runs_side_by_side(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    for number in 0..<300 { try directory.write([UInt8].noise(number), to: "\(number)") }
    try await withEngine(kind) { engine in
      let run = FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine)).reduce { Collector() }
      async let (first, second) = (run.collect(), run.collect())
      let (one, other) = try await (first, second)
      #expect(one.map(\.pathBytes) == RandomTree.files(under: directory.path))
      let outputs = try (one + other).map { try $0.value }
      #expect(outputs[..<300] == outputs[300...])
      // And once more, afterwards.
      let count = try await run.collect().count
      #expect(count == 300)
    }
    #expect(directory.isLetGo())
  }

  @Test func an_engine_of_the_runs_own_is_made_for_each() async throws {
    let directory = try TemporaryDirectory()
    try directory.write("x".utf8, to: "file")
    for engine in [EngineSource.auto, .threads, .blocking] {
      let run = FilePipeline.files(under: FilePath(directory.string), engine: engine).reduce { Collector() }
      for _ in 0..<2 {
        let outputs = try await run.collect().map { try $0.value }
        #expect(outputs == [[120]])
      }
    }
  }
}

private struct FileContents: Equatable {
  let path: [UInt8]
  let bytes: [UInt8]
}

/// Reads a file by system calls, in pieces of an odd size.
private func plainRead(_ path: [UInt8]) throws -> [UInt8] {
  let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
  if descriptor < 0 { throw Errno(rawValue: errno) }
  defer { close(descriptor) }
  var (bytes, piece) = ([UInt8](), [UInt8](repeating: 0, count: 777))
  while true {
    let count = read(descriptor, &piece, piece.count)
    if count <= 0 { return bytes }
    bytes += piece.prefix(count)
  }
}
