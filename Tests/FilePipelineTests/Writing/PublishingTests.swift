import FilePipeline
import FileTestSupport
import Foundation
import Glibc
import TestTurns
import Testing

/// Files get their names after the workers have passed them on, many of them together (`Durability.batch`).
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct PublishingTests {
  private static let count = 300
  private let source: TemporaryDirectory
  private let target: TemporaryDirectory
  private let options = FileWriteOptions(durability: .batch)

  init() throws {
    (source, target) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    for number in 0..<Self.count {
      if number % 30 == 0 { try source.makeDirectory("d\(number / 30)") }
      try source.write([UInt8](repeating: 65, count: number * 20), to: "d\(number / 30)/\(number)")
    }
    let times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 5), timespec(tv_sec: 1_000_000_001, tv_nsec: 6)]
    for number in 0..<Self.count / 30 {
      source.path("d\(number)").withCString { path in
        if number % 2 == 0 { _ = chmod(path, 0o555) }
        _ = utimensat(AT_FDCWD, path, times, 0)
      }
    }
  }

  private var out: FilePath { FilePath(target.string).appending("out") }

  private func files(_ engine: any FileEngine, _ options: WalkOptions = WalkOptions()) -> FilePipeline {
    FilePipeline.files(under: FilePath(source.string), options, engine: .engine(engine))
  }

  /// Paths below a root, with kinds, permissions, sizes and times; what is hidden too.
  private func tree(_ root: String) async throws -> String {
    let script = "cd '\(root)' && find . -printf '%p %y %m %s %T@\\n' | sort"
    let outcome = try await ChildProcess(["/bin/sh", "-c", script].map { Array($0.utf8) }, in: nil).outcome()
    return String(decoding: outcome.output + outcome.errors, as: UTF8.self)
  }

  private func bytes(_ path: [UInt8]) -> [UInt8]? {
    FileManager.default.contents(atPath: String(decoding: path, as: UTF8.self)).map { Array($0) }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func copies_and_their_directories_are_as_the_source(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      for overwriting in [CopyOptions.Overwriting.ifChanged, .always] {
        let options = CopyOptions(overwriting: overwriting, durability: .batch)
        let results = try await files(engine, .copying).copy(to: out, options: options).collect()
        #expect(results.compactMap(\.failure).isEmpty)
        #expect(try results.count { try $0.value.kind == .regular && $0.value.action == .written } == Self.count)
        let names = results.filter { $0.file.kind == .regular }.map(\.pathBytes)
        #expect(names == RandomTree.files(under: source.path))
        #expect(try await tree(out.string) == tree(source.string))
      }
    }
    #expect(source.isLetGo() && target.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases, [FileOrder.source, .completion])
  func written_files_are_there_when_their_results_are(_ kind: EngineUnderTest, _ order: FileOrder) async throws {
    try await withEngine(kind) { engine in
      let paths = Counter()
      try await files(engine).write(to: out, options: options, order: order).forEach { result in
        let written = try result.value
        #expect(access(written.target.string, F_OK) == 0)
        paths.add()
      }
      #expect(paths.value == Self.count)
    }
    #expect(source.isLetGo() && target.isLetGo())
  }

  /// No further file arrives that could complete a group.
  @Test(arguments: EngineUnderTest.allCases)
  func a_feeder_that_waits_for_each_result_gets_it(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let (feed, written) = (Channel<FilePath>(capacity: 1), Channel<FilePath>(capacity: 1))
      let run = FilePipeline.files(at: feed, engine: .engine(engine))
        .write(to: out, options: options)
        .start { result in _ = await written.send(try result.value.target) }
      for number in 0..<20 {
        _ = await feed.send(FilePath(source.string).appending("d0/\(number)"))
        let target = try #require(await written.next())
        #expect(access(target.string, F_OK) == 0)
      }
      feed.finish()
      try await run.value
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func one_that_fails_is_its_own_failure_and_the_others_are_written(_ kind: EngineUnderTest) async throws {
    for name in ["out", "out/d1"] { try target.makeDirectory(name) }
    try target.write("old".utf8, to: "out/d1/33")
    try target.makeDirectory("out/d1/34")
    try await withEngine(kind) { engine in
      var options = options
      options.replacesExisting = false
      let results = try await files(engine).write(to: out, options: options).collect()
      let failed = results.filter { $0.failure != nil }
      #expect(results.count == Self.count && failed.map { $0.path.lastComponent?.string } == ["33", "34"])
      #expect(failed[0].failure?.cause == .system(.fileExists))
      #expect(failed.map { $0.failure?.path } == [target.path("out/d1/33"), target.path("out/d1/34")])
      #expect(bytes(target.path("out/d1/33")) == Array("old".utf8))
      #expect(TemporaryDirectory.names(in: target.path("out/d1")).count == 30)
    }
    #expect(source.isLetGo() && target.isLetGo())
  }

  /// After a run that ends early each file is complete or absent.
  @Test(arguments: EngineUnderTest.allCases)
  func a_run_that_ends_early_leaves_whole_files_or_none(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      for wanted in [1, 50] {
        let (seen, hasEnough) = (Counter(), Gate())
        let run = files(engine).write(to: out, options: options).start { result in
          _ = try result.value
          seen.add()
          if seen.value == wanted { hasEnough.open() }
        }
        await hasEnough.wait()
        run.cancel()
        _ = await run.result
        for path in RandomTree.files(under: Array(out.string.utf8)) {
          let number = try #require(Int(String(decoding: path.split(separator: 47).last!, as: UTF8.self)))
          #expect(bytes(path) == [UInt8](repeating: 65, count: number * 20))
        }
        #expect(source.isLetGo() && target.isLetGo())
      }
    }
    #expect(try await !tree(target.string).contains(".millrace-"))
  }

  /// A failure after the worker cannot be retried: with a retry the worker publishes its files.
  @Test func a_run_that_tries_again_publishes_in_the_worker() async throws {
    let results = try await FilePipeline.files(under: FilePath(source.string), engine: .threads)
      .write(to: out, options: options, retry: .retry(max: 1)).collect()
    #expect(try results.map { try $0.value }.count == Self.count)
  }
}
