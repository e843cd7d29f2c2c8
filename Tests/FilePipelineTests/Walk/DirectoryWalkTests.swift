import FilePipeline
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct DirectoryWalkTests {
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func random_tree_is_met_in_the_byte_order_of_its_paths(_ seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    let count = try RandomTree.fill(directory, seed: seed)
    let expected = RandomTree.files(under: directory.path)
    #expect(expected.count == count)
    #expect(try walk([directory.path]) == Walked(files: expected, failures: []), "seed \(seed)")
    #expect(directory.isLetGo())
  }

  @Test func names_that_share_their_first_eight_bytes_are_told_apart() throws {
    let directory = try TemporaryDirectory()
    for name in ["12345678", "123456789", "12345678-", "123456780", "12345678a", "1234567", "12345678.txt"] {
      try directory.write([], to: name)
    }
    // With its slash a directory's name is one byte longer, which may be the ninth.
    try directory.makeDirectory("12345678+")
    try directory.write([], to: "12345678+/file")
    for name in ["abcdefgh", "abcdefg", "abcdefghi"] {
      try directory.makeDirectory(name)
      try directory.write([], to: "\(name)/file")
      try directory.write([], to: "\(name)-")
      try directory.write([], to: "\(name)0")
    }
    #expect(try walk([directory.path]).files == RandomTree.files(under: directory.path))
  }

  @Test func links_inside_the_tree_are_not_followed() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("real")
    try directory.write([], to: "real/file")
    try directory.makeLink("to-file", to: "real/file")
    try directory.makeLink("to-directory", to: "real")
    try directory.makeLink("real/up", to: "..")
    try directory.makeLink("nowhere", to: "missing")
    try directory.makeLink("self", to: "self")
    #expect(try walk([directory.path]) == Walked(files: [directory.path("real/file")], failures: []))
  }

  @Test func roots_are_walked_as_they_are_spelt() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("real")
    try directory.write([], to: "real/file")
    try directory.makeLink("link", to: "real")
    try directory.makeLink("link-to-file", to: "real/file")
    let roots = ["real", "real/", "real//", "link", "link/", "real/file", "link-to-file", "real/."].map(directory.path)
    let files = [
      "real/file", "real/file", "real//file", "link/file", "link/file", "real/file", "link-to-file", "real/./file",
    ].map(directory.path)
    #expect(try walk(roots) == Walked(files: files, failures: []))
    #expect(directory.isLetGo())
  }

  /// In a process of its own, whose working directory it changes.
  @Test func the_working_directory_can_be_a_root() async throws {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      try directory.makeDirectory("b")
      try directory.write([], to: "b/file")
      try directory.write([], to: "a")
      #expect(directory.path.withCString { chdir($0) } == 0)
      #expect(try walk([Array(".".utf8)]).files == ["./a", "./b/file"].map { Array($0.utf8) })
      #expect(try walk([Array("b".utf8)]).files == [Array("b/file".utf8)])
    }
  }

  @Test func roots_that_are_no_files_are_failures_in_their_place() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write([], to: "file")
    let fifo = try directory.makePipe("fifo")
    let missing = directory.path("missing")
    let loop = try directory.makeLink("loop", to: "loop")
    let (fileAndMore, directoryAndMore) = (file + [0, 1], directory.path + [0])
    let walked = try walk([
      missing, file, fifo, [], loop, file + [UInt8(ascii: "/")], fileAndMore, directoryAndMore,
    ])
    #expect(walked.files == [file])
    #expect(
      walked.failures == [
        FileError(path: missing, operation: .open, cause: .system(.noSuchFileOrDirectory)),
        FileError(path: fifo, operation: .open, cause: .notRegular),
        FileError(path: [], operation: .open, cause: .system(.noSuchFileOrDirectory)),
        FileError(path: loop, operation: .open, cause: .system(.tooManySymbolicLinkLevels)),
        FileError(path: file + [UInt8(ascii: "/")], operation: .open, cause: .system(.notDirectory)),
        FileError(path: fileAndMore, operation: .open, cause: .nulInPath),
        FileError(path: directoryAndMore, operation: .open, cause: .nulInPath),
      ])
  }

  /// In a process of its own, which gives up root's right to read everything.
  @Test func unreadable_directory_is_a_failure_in_its_place_and_the_walk_goes_on() async throws {
    await #expect(processExitsWith: .success) {
      if getuid() == 0 { #expect(setuid(65534) == 0) }
      let directory = try TemporaryDirectory()
      for name in ["a", "b", "c"] {
        try directory.makeDirectory(name)
        try directory.write([], to: "\(name)/file")
      }
      _ = directory.path("b").withCString { chmod($0, 0) }
      var walk = DirectoryWalk([directory.path])
      var entries: [WalkEntry] = []
      while let batch = try walk.nextBatch() { entries += batch }
      let paths = entries.map { (try? $0.outcome.get())?.path }
      #expect(paths == [directory.path("a/file"), nil, directory.path("c/file")])
      #expect(throws: FileError(path: directory.path("b"), operation: .list, cause: .system(.permissionDenied))) {
        _ = try entries[1].outcome.get()
      }
    }
  }

  @Test func nothing_comes_of_empty_directories_and_of_no_roots() throws {
    let directory = try TemporaryDirectory()
    for depth in 1...20 { try directory.makeDirectory(String(repeating: "e/", count: depth)) }
    var walk = DirectoryWalk([directory.path])
    #expect(try walk.nextBatch()?.count == nil)
    #expect(try walk.nextBatch()?.count == nil)
    var none = DirectoryWalk([])
    #expect(try none.nextBatch()?.count == nil)
  }

  @Test func cancelled_task_gets_no_further_in_a_tree_without_files() async throws {
    let directory = try TemporaryDirectory()
    for number in 0..<100 { try directory.makeDirectory("\(number)") }
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      var walk = DirectoryWalk([directory.path])
      return try walk.nextBatch()?.count
    }
    await #expect(throws: CancellationError.self) { _ = try await task.value }
    #expect(directory.isLetGo())
  }

  @Test func tree_of_200_levels_is_walked_to_its_ground() throws {
    let directory = try TemporaryDirectory()
    var path = ""
    var expected: [[UInt8]] = []
    for level in 0..<200 {
      expected.append(try directory.write([], to: "\(path)0-\(level)"))
      path += "d/"
      try directory.makeDirectory(path)
    }
    #expect(try walk([directory.path]).files == RandomTree.files(under: directory.path))
    #expect(try expected.count == walk([directory.path]).files.count)
    #expect(directory.isLetGo())
  }

  @Test func directory_of_20_000_entries_comes_in_batches() throws {
    let directory = try TemporaryDirectory(in: "/dev/shm")
    for number in 0..<20_000 { try directory.write([], to: "\(number)") }
    var walk = DirectoryWalk([directory.path])
    var files: [[UInt8]] = []
    while let batch = try walk.nextBatch() {
      #expect(batch.count <= DirectoryWalk.batchSize)
      files += try batch.map { try $0.outcome.get().path }
    }
    #expect(files == RandomTree.files(under: directory.path))
  }

  /// In a process of its own, which may hold only 16 directories open.
  @Test func walk_without_descriptors_to_spare_meets_the_same() async throws {
    await #expect(processExitsWith: .success) {
      let directory = try TemporaryDirectory()
      _ = try RandomTree.fill(directory, seed: 7, depth: 5)
      var deep = ""
      for level in 0..<100 {
        deep += "d/"
        try directory.makeDirectory(deep)
        try directory.write([UInt8(level)], to: "\(deep)file")
      }
      let expected = RandomTree.files(under: directory.path)
      try await lowerDescriptorLimit(to: 64)
      for kind in EngineUnderTest.available {
        try await withEngine(kind) { engine in
          var (files, references) = ([[UInt8]](), [FileReference]())
          var walk = DirectoryWalk([directory.path])
          while let batch = try walk.nextBatch() {
            references += try batch.map { try $0.outcome.get() }
            // In addition: one in each thread that lists ahead, and one in this thread.
            #expect(directory.openDescriptors <= 16 + 17)
          }
          for reference in references {
            _ = try await engine.contents(reference)
            files.append(reference.path)
          }
          #expect(files == expected, "\(kind)")
        }
      }
    }
  }
}

private struct Walked: Equatable {
  var files: [[UInt8]] = []
  var failures: [FileError] = []
}

private func walk(_ roots: [[UInt8]]) throws -> Walked {
  var walk = DirectoryWalk(roots)
  var walked = Walked()
  while let batch = try walk.nextBatch() {
    for entry in batch {
      switch entry.outcome {
      case .success(let file): walked.files.append(file.path)
      case .failure(let error): walked.failures.append(error)
      }
    }
  }
  return walked
}
