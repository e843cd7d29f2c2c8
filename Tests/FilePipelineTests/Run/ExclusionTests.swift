import FilePipeline
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// Files that a run is told to skip.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ExclusionTests {
  private let directory: TemporaryDirectory
  private let excluded: FileIdentity

  init() throws {
    directory = try TemporaryDirectory(.disk)
    for name in ["a", "b", "c"] { try directory.write(name.utf8, to: name) }
    let path = directory.path("b")
    excluded = try FileReference(path: path).identity()
    let other = directory.path("other name")
    _ = path.withCString { path in other.withCString { link(path, $0) } }
  }

  private func names(_ results: [FileResult<[UInt8]>]) -> (read: [[UInt8]], excluded: [[UInt8]]) {
    var names: (read: [[UInt8]], excluded: [[UInt8]]) = ([], [])
    for result in results {
      switch result.outcome {
      case .success: names.read.append(result.pathBytes)
      case .failure(let error):
        #expect(error.cause == .excluded)
        names.excluded.append(result.pathBytes)
      }
    }
    return names
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_walk_leaves_the_file_out_by_every_name(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let results = try await FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine))
        .excluding(excluded)
        .reduce { Collector() }
        .collect()
      let (read, skipped) = names(results)
      #expect(read == ["a", "c"].map(directory.path))
      #expect(skipped == ["b", "other name"].map(directory.path))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func so_does_a_run_over_paths_and_counts_them(_ kind: EngineUnderTest) async throws {
    try directory.makeLink("link", to: "b")
    let paths = ["other name", "a", "missing", "link", "b"].map(directory.path)
    try await withEngine(kind) { engine in
      let report = try await FilePipeline(.walk(paths), engine: .engine(engine))
        .excluding(excluded)
        .reduce { Collector() }
        .forEach { _ in }
      #expect(report.stages[1].metrics == ["excluded files": 3, "failed files": 1])
      #expect(report.stages[1].output == 5 && report.stages[1].bytes == 1)
    }
  }

  /// Inode numbers are unique only within a file system.
  @Test(arguments: EngineUnderTest.allCases)
  func a_file_of_another_device_with_the_same_inode_is_read(_ kind: EngineUnderTest) async throws {
    let elsewhere = try TemporaryDirectory(in: "/dev/shm")
    let number = try FileReference(path: elsewhere.write([], to: "file")).identity()
    try #require(number.device != excluded.device)
    let listed = FileReference(path: directory.path("a"), inode: number.inode, listedKind: .regular)
    try await withEngine(kind) { engine in
      let results = try await FilePipeline(
        FileSource { Batches([WalkEntry(.success(listed))]).next }, engine: .engine(engine)
      )
      .excluding(number)
      .reduce { Collector() }
      .collect()
      #expect(names(results).read == [directory.path("a")])
    }
  }

  /// On overlayfs and FUSE a directory may list other inode numbers than stat(2) reports.
  @Test(arguments: EngineUnderTest.allCases)
  func a_file_is_recognised_though_a_directory_lists_another_inode(_ kind: EngineUnderTest) async throws {
    let listed = ["a", "b", "other name"].map {
      FileReference(path: directory.path($0), inode: excluded.inode + 1, listedKind: .regular)
    }
    try await withEngine(kind) { engine in
      let source = FileSource { Batches(listed.map { WalkEntry(.success($0)) }).next }
      let results = try await FilePipeline(source, engine: .engine(engine))
        .excluding(excluded)
        .reduce { Collector() }
        .collect()
      let (read, skipped) = names(results)
      #expect(read == [directory.path("a")])
      #expect(skipped == ["b", "other name"].map(directory.path))
    }
  }

  /// The name is not looked up a second time: on a slow file system that would block a loop.
  @Test(arguments: EngineUnderTest.allCases)
  func the_file_that_was_opened_decides_whatever_has_its_name_by_then(_ kind: EngineUnderTest) async throws {
    let (name, replacement) = (directory.path("a"), directory.path("other name"))
    try await withEngine(kind) { engine in
      let results = try await FilePipeline(.walk([name]), engine: .engine(engine))
        .excluding(excluded)
        .reduce {
          WhileReading {
            // Only once: the name does not exist after that.
            _ = replacement.withCString { replacement in name.withCString { rename(replacement, $0) } }
          }
        }
        .collect()
      #expect(results.map(\.byteCount) == [1])
      #expect(try FileReference(path: name).identity() == excluded)
    }
  }

  /// A small file, one that takes several reads, and one that the ring reads ahead.
  @Test(arguments: EngineUnderTest.allCases, [1, 20_000, 3 << 20])
  func a_reader_opens_the_file_and_closes_it_unread(_ kind: EngineUnderTest, _ size: Int) async throws {
    let path = try directory.write([UInt8](repeating: 1, count: size), to: "file")
    let excluded = try FileReference(path: path).identity()
    for pageCache in FileEngineConfiguration.PageCacheUse.allCases {
      try await withEngine(kind, .small(pageCache: pageCache)) { engine in
        for place in Place.allCases {
          try await place.run(engine) {
            let reader = FileReader(engine)
            var count = 0
            let error = try await failure {
              try await reader.read(FileReference(path: path), excluding: [excluded]) { bytes in
                count += bytes.byteCount
                return .more
              }
            }
            #expect(error == FileError(path: path, operation: .open, cause: .excluded))
            #expect(count == 0)
          }
        }
      }
    }
    #expect(directory.isLetGo())
  }

  @Test func only_a_regular_file_has_an_identity_to_be_excluded() throws {
    #expect(FileIdentity(ofRegularFile: FileDescriptor(rawValue: -1)) == nil)
    let device = try FileDescriptor.open("/dev/null", .writeOnly)
    defer { try? device.close() }
    #expect(FileIdentity(ofRegularFile: device) == nil)
    let file = try FileDescriptor.open(FilePath(directory.string).appending("b"), .readOnly)
    defer { try? file.close() }
    #expect(FileIdentity(ofRegularFile: file) == excluded)
  }
}

/// Calls a function while a file is read.
private struct WhileReading: ByteReducer {
  let body: @Sendable () -> Void

  mutating func update(_ bytes: RawSpan) { body() }
  func finish() {}
}

/// Some entries in one batch.
private final class Batches {
  private var entries: [WalkEntry]?

  init(_ entries: [WalkEntry]) {
    self.entries = entries
  }

  func next() -> [WalkEntry]? { entries.take() }
}
