import FileEngines
import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Files that the ring's engine reads ahead by the megabyte.
@Suite(.inTurn)
struct LargeFileTests {
  @Test(
    arguments: EngineUnderTest.allCases,
    [2 << 20, (2 << 20) + 1, (3 << 20) - 1, 5_000_000, 8 << 20])
  func large_files_come_whole_and_in_order(_ kind: EngineUnderTest, size: Int) async throws {
    let directory = try TemporaryDirectory(.disk)
    let expected = [UInt8].noise(size)
    let file = FileReference(path: try directory.write(expected, to: "large"))
    for pageCache in [FileEngineConfiguration.PageCacheUse.use, .bypass] {
      try await withEngine(kind, .small(pageCache: pageCache)) { engine in
        for place in Place.allCases {
          let bytes = try await place.run(engine) { try await engine.contents(file).bytes }
          let isWhole = bytes == expected
          #expect(isWhole, "\(kind) \(pageCache) \(place)")
        }
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func more_large_files_than_may_be_read_ahead_all_come(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let files = try (0..<16).map { number in
      FileReference(path: try directory.write([UInt8](repeating: UInt8(number), count: 3 << 20), to: "\(number)"))
    }
    try await withEngine(kind) { engine in
      let areWhole = try await withThrowingTaskGroup(of: Bool.self) { group in
        for (number, file) in files.enumerated() {
          let lane = engine.lanes[number % engine.lanes.count]
          group.addTask(executorPreference: lane.executor) {
            let bytes = try await engine.contents(file).bytes
            return bytes.count == 3 << 20 && bytes.first == UInt8(number) && bytes.areAllEqual
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      #expect(areWhole == Array(repeating: true, count: files.count))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func reading_a_large_cached_file_ends_with_its_task(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([1], to: "sparse")
    #expect(path.withCString { truncate($0, 1 << 40) } == 0)
    try await withEngine(kind) { engine in
      let reading = Gate()
      let task = Task(executorPreference: engine.lanes[0].executor) {
        try await FileReader(engine).readAll(FileReference(path: path)) { _ in reading.open() }
      }
      await reading.wait()
      task.cancel()
      // A terabyte would outlast any test.
      let result = await task.result
      #expect(throws: FileError.self) { try result.get() }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func link_in_the_place_of_a_listed_file_is_not_followed(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write("secret".utf8, to: "elsewhere")
    let link = try directory.makeLink("listed", to: "elsewhere")
    try await withEngine(kind) { engine in
      let listed = FileReference(path: link, inode: 1, listedKind: .regular)
      let error = await #expect(throws: FileError.self) {
        try await Place.onLane.run(engine) { try await engine.contents(listed) }
      }
      #expect(error?.cause == .notRegular)
    }
  }
}

extension [UInt8] {
  /// Whether each byte is the one before it, by memcmp(3): a debug build takes seconds for what it does byte by byte.
  fileprivate var areAllEqual: Bool {
    withUnsafeBytes { $0.count < 2 || memcmp($0.baseAddress!, $0.baseAddress! + 1, $0.count - 1) == 0 }
  }
}
