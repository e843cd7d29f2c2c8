import FilePipeline
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// Trees ten times deeper than a path may be long (PATH_MAX, 4096 bytes).
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct DeepTreeTests {
  private static let (levels, nameLength) = (200, 250)

  @Test(arguments: EngineUnderTest.allCases)
  func every_level_is_read_and_has_its_whole_path(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { try await check($0, DeepTree(levels: Self.levels, nameLength: Self.nameLength)) }
  }

  /// In a process of its own, which may hold 16 or 12 directories open. The walk is far ahead of the reads.
  @Test(arguments: EngineUnderTest.allCases, [64, 48])
  func the_same_with_few_descriptors(_ kind: EngineUnderTest, _ limit: Int) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest, limit = limit as Int] in
      let tree = try DeepTree(levels: 120, nameLength: 250)
      try await lowerDescriptorLimit(to: limit)
      try await withEngine(kind) { try await check($0, tree) }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func files_that_vanish_after_the_walk_fail_with_their_whole_path(_ kind: EngineUnderTest) async throws {
    let tree = try DeepTree(levels: 100, nameLength: 250)
    let source = FileSource {
      var isWalked = false
      return {
        if isWalked { return nil }
        isWalked = true
        var walk = DirectoryWalk([tree.directory.path])
        var entries: [WalkEntry] = []
        while let batch = try walk.nextBatch() { entries += batch }
        try tree.removeFile(90)
        return entries
      }
    }
    try await withEngine(kind) { engine in
      let results = try await FilePipeline(source, engine: .engine(engine)).reduce { Collector() }.collect()
      let failures = results.compactMap { result in
        if case .failure(let error) = result.outcome { error } else { nil }
      }
      let expected = FileError(path: tree.path(90), operation: .open, cause: .system(.noSuchFileOrDirectory))
      let isAsExpected = results.count == 101 && failures == [expected]
      #expect(isAsExpected)
    }
  }

  /// In a process of its own, whose memory is the walk's. If every level held its whole path, that would take 250 MB.
  @Test func memory_of_a_walk_is_that_of_the_names() async throws {
    await #expect(processExitsWith: .success) {
      let tree = try DeepTree(levels: 1400, nameLength: 250)
      let before = peakMemory()
      var walk = DirectoryWalk([tree.directory.path])
      var files: [FileReference] = []
      while let batch = try walk.nextBatch() { files += try batch.map { try $0.outcome.get() } }
      #expect(files.count == 1401)
      #expect(peakMemory() - before < 40 << 20)
    }
  }
}

/// Reads the tree and checks all paths and contents, without printing them.
private func check(_ engine: any FileEngine, _ tree: DeepTree) async throws {
  let results = try await FilePipeline.files(under: FilePath(tree.directory.string), engine: .engine(engine))
    .reduce { Collector() }
    .collect()
  #expect(results.count == tree.levels + 1)
  for (level, result) in results.enumerated() {
    switch result.outcome {
    case .success(let read):
      let isRead = read == Array(String(level).utf8)
      try #require(isRead, "level \(level)")
    case .failure(let error): Issue.record("level \(level): \(error.operation): \(error.cause)")
    }
    let hasItsPath = result.pathBytes == tree.path(level)
    try #require(hasItsPath, "level \(level)")
  }
}

/// The maximum resident size of the process in bytes (getrusage(2)).
private func peakMemory() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss * 1024
}
