import FilePipeline
import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Files written into another tree.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct WriteOperatorTests {
  private let source: TemporaryDirectory
  private let target: TemporaryDirectory
  private let large = [UInt8].noise(300_000)

  init() throws {
    (source, target) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    for name in ["deep", "deep/er"] { try source.makeDirectory(name) }
    for name in ["a", "b", "c"] { try source.write(name.utf8, to: "deep/er/\(name)") }
    try source.write([], to: "none")
    try source.write(large, to: "large")
    try source.write("text".utf8, to: [0xFF, 0x80])
  }

  private func files(_ engine: any FileEngine) -> FilePipeline {
    FilePipeline.files(under: FilePath(source.string), engine: .engine(engine))
  }

  private var out: FilePath { FilePath(target.string).appending("out") }

  /// The paths below the target's root, and what is there.
  private func written() async throws -> [[UInt8]: [UInt8]] {
    let results = try await FilePipeline.files(under: out, engine: .threads).reduce { Collector() }.collect()
    let root = target.path("out/").count
    return Dictionary(uniqueKeysWithValues: try results.map { (Array($0.pathBytes[root...]), try $0.value) })
  }

  private var expected: [[UInt8]: [UInt8]] {
    var files: [[UInt8]: [UInt8]] = ["a", "b", "c"].reduce(into: [:]) {
      $0[Array("deep/er/\($1)".utf8)] = Array($1.utf8)
    }
    files[Array("none".utf8)] = []
    files[Array("large".utf8)] = large
    files[[0xFF, 0x80]] = Array("text".utf8)
    return files
  }

  @Test(arguments: EngineUnderTest.allCases)
  func names_can_tell_the_roots_apart(_ kind: EngineUnderTest) async throws {
    let other = try TemporaryDirectory(.disk)
    try other.write("other".utf8, to: "none")
    try await withEngine(kind) { engine in
      let roots = [FilePath(source.string), FilePath(other.string)]
      let files = FilePipeline.files(under: roots, engine: .engine(engine))
      let first = source.path
      try await files.write(
        to: out, naming: { FilePath($0.rootBytes == first ? "1" : "2").appending($0.pathBelowRoot.components) }
      ).run()
      var both = Dictionary(uniqueKeysWithValues: expected.map { (Array("1/".utf8) + $0.key, $0.value) })
      both[Array("2/none".utf8)] = Array("other".utf8)
      #expect(try await written() == both)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func the_tree_is_the_same_and_each_file_a_result(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let results = try await files(engine).write(to: out).collect()
      #expect(try await written() == expected)
      #expect(results.map(\.pathBytes) == RandomTree.files(under: source.path))
      let root = source.path.count + 1
      #expect(
        try results.map { try $0.value.target }
          == results.map { out.appending($0.path.components.suffix($0.pathBytes[root...].split(separator: 47).count)) })
      #expect(
        try results.map { Int(try $0.value.byteCount) } == results.map { expected[Array($0.pathBytes[root...])]!.count }
      )
      // And once more, over what is there.
      #expect(try await files(engine).write(to: out).map { try $0.value }.count() == expected.count)
      #expect(try await written() == expected)
    }
    #expect(source.isLetGo() && target.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func stages_and_names_change_what_is_written(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      try await files(engine)
        .transform { Tripled() }
        .write(to: out) { name in name.appendingExtension("x") }
        .forEach { _ = try $0.value }
      let tripled: [[UInt8]: [UInt8]] = expected.reduce(into: [:]) { files, file in
        files[file.key + Array(".x".utf8)] = file.value.flatMap { [$0, $0, $0] } + [33]
      }
      #expect(try await written() == tripled)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_fails_leaves_nothing_and_the_others_are_written(_ kind: EngineUnderTest) async throws {
    struct Broken: Error {}
    struct Failing: ByteStage {
      private var isWrong = false
      mutating func transform(_ input: RawSpan, into output: inout ByteOutput) throws {
        if input.byteCount == 1 && input.unsafeLoad(as: UInt8.self) == 98 { throw Broken() }
        output.append(input)
      }
      func finish(into output: inout ByteOutput) {}
    }
    try await withEngine(kind) { engine in
      let results = try await files(engine).transform { Failing() }.write(to: out).collect()
      let failed = results.compactMap(\.failure)
      #expect(failed.map(\.path) == [source.path("deep/er/b")] && failed.map(\.operation) == [.process])
      var expected = expected
      expected[Array("deep/er/b".utf8)] = nil
      #expect(try await written() == expected)
      #expect(
        TemporaryDirectory.names(in: target.path("out/deep/er")).sorted { $0.lexicographicallyPrecedes($1) } == [
          [97], [99],
        ])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func names_that_lead_out_of_the_tree_are_refused(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      for name in ["../x", "/tmp/x", "a/../../x"] as [FilePath] {
        let results = try await files(engine).write(to: out) { _ in name }.collect()
        // The others fail because they have the same name.
        #expect(results.filter { $0.failure?.cause == .system(.improperLink) }.count == 1)
        #expect(results.allSatisfy { [.system(.improperLink), .nameTaken].contains($0.failure?.cause) })
      }
      #expect(TemporaryDirectory.names(in: target.path) == [Array("out".utf8)])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_root_that_cannot_be_had_ends_the_run(_ kind: EngineUnderTest) async throws {
    try target.write([1], to: "out")
    try await withEngine(kind) { engine in
      let failure = await #expect(throws: PipelineFailure.self) {
        try await files(engine).write(to: out).onFailure(.skip).collect()
      }
      #expect((failure?.cause as? FileError)?.cause == .system(.notDirectory))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_is_there_stays_if_nothing_is_to_be_replaced(_ kind: EngineUnderTest) async throws {
    try target.makeDirectory("out")
    try target.write("old".utf8, to: "out/none")
    try await withEngine(kind) { engine in
      let options = FileWriteOptions(replacesExisting: false)
      let results = try await files(engine).write(to: out, options: options).collect()
      #expect(results.compactMap(\.failure).map(\.cause) == [.system(.fileExists)])
      var expected = expected
      expected[Array("none".utf8)] = Array("old".utf8)
      #expect(try await written() == expected)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_run_that_is_cancelled_leaves_whole_files_or_none(_ kind: EngineUnderTest) async throws {
    let many = try TemporaryDirectory(.disk)
    for number in 0..<200 { try many.write([UInt8](repeating: 65, count: 100), to: "\(number)") }
    try await withEngine(kind) { engine in
      let first = Gate()
      let run = FilePipeline.files(under: FilePath(many.string), engine: .engine(engine)).write(
        to: out, order: .completion
      )
      .start { result in
        _ = try result.value
        first.open()
      }
      await first.wait()
      run.cancel()
      _ = await run.result
      let found = try await written()
      #expect(found.values.allSatisfy { $0.count == 100 })
      #expect(TemporaryDirectory.names(in: target.path("out")).count == found.count)
      #expect(many.isLetGo() && target.isLetGo())
    }
  }

  /// Two sources get one name: they have it in two trees, or the caller's naming returns it twice.
  @Test(arguments: EngineUnderTest.allCases)
  func the_second_file_of_a_name_is_refused_and_the_first_stays(_ kind: EngineUnderTest) async throws {
    let other = try TemporaryDirectory(.disk)
    try other.write("other".utf8, to: "none")
    try await withEngine(kind) { engine in
      let roots = [FilePath(source.string), FilePath(other.string)]
      let results = try await FilePipeline.files(under: roots, engine: .engine(engine)).write(to: out).collect()
      #expect(results.filter { $0.failure?.cause == .nameTaken }.count == 1)
      #expect(results.compactMap(\.failure).count == 1)
      let found = try await written()
      #expect(found.count == expected.count)
      #expect([[], Array("other".utf8)].contains(found[Array("none".utf8)]))
      let same = try await files(engine).write(to: out) { _ in "one" }.collect()
      #expect(same.filter { $0.failure == nil }.count == 1)
    }
  }

  /// The target may exist when its parent is listed, and grows during the walk.
  @Test(arguments: EngineUnderTest.allCases)
  func a_target_in_the_source_is_not_written_into_itself(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let inside = FilePath(source.string).appending("inside")
      for _ in 0..<2 {
        let results = try await files(engine).write(to: inside).collect()
        #expect(results.filter { $0.failure == nil }.count == expected.count)
        #expect(results.compactMap(\.failure?.cause).allSatisfy { $0 == .excluded })
      }
      let count = try await FilePipeline.files(under: inside).count()
      #expect(count == expected.count)
    }
  }

  /// A directory that another process removes during the run is made again.
  @Test(arguments: EngineUnderTest.allCases)
  func a_directory_that_goes_is_made_again(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let first = FilePath(source.string).appending("deep/er/a")
      let feed = Channel<FilePath>(capacity: 1)
      let written = Counter()
      let run = FilePipeline.files(at: feed, engine: .engine(engine))
        .write(to: out) { name in
          FilePath("directory").appending(name.components).appendingExtension("\(written.value)")
        }
        .start { result in
          _ = try result.value
          written.add()
        }
      _ = await feed.send(first)
      while written.value == 0 { await Task.yield() }
      let directory = target.path("out/directory")
      for name in TemporaryDirectory.names(in: directory) {
        _ = (directory + [47] + name).withCString { unlink($0) }
      }
      #expect(directory.withCString { rmdir($0) } == 0)
      _ = await feed.send(first)
      feed.finish()
      try await run.value
      #expect(written.value == 2)
      #expect(TemporaryDirectory.names(in: directory) == [Array("a.1".utf8)])
    }
  }

  @Test func what_cannot_be_read_leaves_no_directory() async throws {
    let gone = FilePath(source.string).appending("deep/er/gone")
    let results = try await FilePipeline.files(at: [gone]).write(to: out) { _ in "a/b/c" }.collect()
    #expect(results.map { $0.failure?.cause } == [.system(.noSuchFileOrDirectory)])
    #expect(TemporaryDirectory.names(in: target.path("out")).isEmpty)
  }
}
