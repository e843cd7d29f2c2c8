import FileTestSupport
import Glibc
import Synchronization
import TestTurns
import Testing

@testable import FilePipeline

/// Files among the other elements of a pipeline: before, between and behind its operators.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct OperatorsTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    for number in 0..<40 { try directory.write([UInt8](repeating: 65, count: number), to: Self.name(number)) }
  }

  private static func name(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number).\(number % 2)" }

  private func files(_ engine: any FileEngine) -> FilePipeline {
    FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine))
  }

  @Test(arguments: EngineUnderTest.allCases)
  func operators_stand_on_both_sides_of_reading(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let sums = try await files(engine)
        .filter { $0.path.extension == "1" }
        .map { $0 }
        .reduce { Collector() }
        .map { try $0.value.count }
        .batch(count: 3)
        .mapAsync(width: 2) { $0.reduce(0, +) }
        .prefix(4)
        .collect()
      #expect(sums == [1 + 3 + 5, 7 + 9 + 11, 13 + 15 + 17, 19 + 21 + 23])
    }
    #expect(directory.isLetGo())
  }

  @Test(arguments: EngineUnderTest.allCases)
  func an_entry_says_where_it_stands(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let entries = try await files(engine).collect()
      #expect(entries.map(\.index) == Array(0..<40))
      #expect(entries.map(\.path) == (0..<40).map { FilePath(directory.string).appending(Self.name($0)) })
      #expect(entries.allSatisfy { $0.kind == .regular && $0.failure == nil && $0.status == nil })
      #expect(entries.map(\.pathBytes) == (0..<40).map { directory.path(Self.name($0)) })
      #expect(entries.map(\.pathCount) == entries.map(\.pathBytes.count))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_policy_judges_failures_when_their_values_are_asked_for(_ kind: EngineUnderTest) async throws {
    let gone = FilePath("/nowhere/at/all")
    let missing = FileError(path: Array(gone.string.utf8), operation: .open, cause: .system(.noSuchFileOrDirectory))
    try await withEngine(kind) { engine in
      let counts = FilePipeline.files(under: [FilePath(directory.string), gone], engine: .engine(engine))
        .reduce { Collector() }
        .map { try $0.value.count }
      let report = try await counts.onFailure(.collect(limit: 1)).forEach { _ in }
      #expect(report.failures.map { $0.cause as? FileError } == [missing])
      #expect(try await counts.onFailure(.skip).collect() == Array(0..<40))
      let thrown = await #expect(throws: PipelineFailure.self) { try await counts.collect() }
      #expect(thrown?.cause as? FileError == missing)
    }
  }

  /// A filter on names must not drop the failure of a directory that cannot be read, wherever the filter is.
  @Test func failures_pass_filters() async throws {
    let files = FilePipeline.files(under: [FilePath(directory.string), "/nowhere/at/all"])
    let filtered = [
      files.filter { $0.path.extension == "none" }.erased,
      files.transform { UppercaseASCII() }.filter { $0.path.extension == "none" }.erased,
    ]
    for files in filtered {
      let results = try await files.reduce { Collector() }.collect()
      #expect(results.map(\.path) == ["/nowhere/at/all"])
      #expect(results[0].failure?.operation == .open && results[0].byteCount == 0)
    }
  }

  /// So that the stages' buffers serve one file after another.
  @Test func entries_with_the_same_stages_have_one_recipe() async throws {
    let entries = try await FilePipeline.files(under: FilePath(directory.string))
      .transform { UppercaseASCII() }.transform { Tripled() }.transform { Reversed() }
      .collect()
    #expect(Set(entries.map { $0.recipe.map(ObjectIdentifier.init) }).count == 1)
    #expect(entries[0].recipe?.stages.count == 3)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_file_is_tried_again_from_its_first_byte(_ kind: EngineUnderTest) async throws {
    let path = directory.path("late")
    try await withEngine(kind) { engine in
      let directory = directory
      let retry = Retry.retry(max: 3) { error in
        guard (error as? FileError)?.cause == .system(.noSuchFileOrDirectory) else { return false }
        _ = try? directory.write([1, 2, 3], to: "late")
        return true
      }
      let files = FilePipeline.files(at: [FilePath(directory.string).appending("late")], engine: .engine(engine))
      let results = Mutex<[FileResult<[UInt8]>]>([])
      let report = try await files.reduce(retry: retry) { Collector() }.forEach { result in
        results.withLock { $0.append(result) }
      }
      #expect(try results.withLock { $0 }.map { try $0.value } == [[1, 2, 3]])
      #expect(report.stages[1].attempts == 2 && report.stages[1].metrics.isEmpty)
      _ = path.withCString { unlink($0) }
      let failed = try await files.reduce(retry: .retry(max: 2)) { Collector() }.collect()
      #expect(failed.map { $0.failure?.cause } == [.system(.noSuchFileOrDirectory)])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func in_the_order_of_completion_no_file_is_missing(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let counts = try await files(engine).reduce(order: .completion) { Collector() }.map { try $0.value.count }
        .collect()
      #expect(counts.sorted() == Array(0..<40))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func elements_of_any_kind_name_files(_ kind: EngineUnderTest) async throws {
    struct Order: Sendable {
      let number: Int
      let file: [UInt8]
    }
    let orders = [7, 3, 40, 12].map { Order(number: $0, file: directory.path(Self.name($0))) }
    try await withEngine(kind) { engine in
      let results = try await Pipeline(orders)
        .reduceFiles(at: { FileReference(path: $0.file) }, engine: .engine(engine)) { _ in Collector() }
        .collect()
      #expect(results.map(\.element.number) == [7, 3, 40, 12])
      #expect(results.map { try? $0.file.value.count } == [7, 3, nil, 12])
      #expect(results.map(\.file.pathBytes) == orders.map(\.file))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func two_sources_merge_and_are_read_by_one_stage(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let count = try await files(engine).merge(with: files(engine)).reduce { Collector() }.map { try $0.value }.count()
      #expect(count == 80)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_run_that_is_drained_passes_on_what_its_source_gave(_ kind: EngineUnderTest) async throws {
    // Without a buffer: what was sent has been taken by the source.
    let feed = Channel<FilePath>(capacity: 0)
    try await withEngine(kind) { engine in
      let (seen, first) = (Counter(), Gate())
      let run = FilePipeline.files(at: feed, engine: .engine(engine)).reduce { Collector() }.start { result in
        _ = try result.value
        seen.add()
        first.open()
      }
      _ = await feed.send(FilePath(directory.string).appending(Self.name(1)))
      await first.wait()
      #expect(run.report.stages[1].output == 1 && run.report.stages[1].bytes == 1)
      _ = await feed.send(FilePath(directory.string).appending(Self.name(2)))
      run.drain()
      try await run.value
      #expect(seen.value == 2)
      #expect(run.report.stages.allSatisfy { $0.input + $0.expanded == $0.output + $0.filtered + $0.cancelled })
    }
  }

  @Test func an_engine_that_cannot_be_had_ends_the_run() async throws {
    // At the latest because descriptors run out.
    let impossible = EngineSource.choice(.uring, FileEngineConfiguration(loops: 1 << 24))
    let files = FilePipeline.files(under: FilePath(directory.string), engine: impossible)
    for policy in [FailurePolicy.failFast, .skip] {
      let failure = await #expect(throws: PipelineFailure.self) {
        try await files.onFailure(policy).reduce { Collector() }.collect()
      }
      #expect(failure?.cause is FileEngineUnavailable)
      #expect(failure?.stage == "reduce")
    }
    // A pipeline that reads nothing needs no engine.
    #expect(try await files.count() == 40)
  }

  @Test func a_report_says_which_engine_read_and_what_it_did() async throws {
    let files = FilePipeline.files(under: FilePath(directory.string), engine: .threads)
    let report = try await files.reduce { Collector() }.forEach { _ in }
    #expect(report.stages[0].note == "The engine was threads.")
    #expect(report.description.contains("files: The engine was threads."))
  }

  /// A caller that uses no result must not miss a failure.
  @Test func a_run_without_results_fails_with_a_file_unless_the_policy_goes_on() async throws {
    let files = FilePipeline.files(under: [FilePath(directory.string), "/nowhere/at/all"]).reduce { Collector() }
    let failure = await #expect(throws: PipelineFailure.self) { try await files.run() }
    #expect((failure?.cause as? FileError)?.cause == .system(.noSuchFileOrDirectory))
    let report = try await files.onFailure(.skip).run()
    #expect(report.stages.map(\.name) == ["files", "reduce", "run"])
    #expect(report.stages[2].output == 40 && report.skipped == 1)
  }
}
