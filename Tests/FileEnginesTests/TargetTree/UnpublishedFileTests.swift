import FileTestSupport
import IOUring
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// Files that are written now and published later, by every engine and every way.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct UnpublishedFileTests {
  private static let batch = FileWriteOptions(durability: .batch)

  /// Short of descriptors, and in an engine that writes one file after another, files have their names at once.
  private static let grouping = TreeCase.all.filter { $0.kind.kind != .blocking && !TreeCase.isShortOfDescriptors }

  @Test(arguments: grouping)
  func to_publish_one_publishes_all_that_were_written(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      let place = try await engine.directory("a/b", in: tree)
      var files: [UnpublishedFile] = []
      for number in 0..<20 {
        let bytes = [UInt8](repeating: UInt8(number), count: number * 700)
        files.append(try await engine.writeUnpublished("\(number)", in: place, bytes))
      }
      #expect(TemporaryDirectory.names(in: directory.path("a/b")).isEmpty && !files.contains { $0.isSettled })
      try await files[7].publish()
      #expect(TemporaryDirectory.names(in: directory.path("a/b")).count == 20 && files.allSatisfy { $0.isSettled })
      for (number, file) in files.enumerated() {
        try await file.publish()
        let bytes = [UInt8](repeating: UInt8(number), count: number * 700)
        #expect(try directory.contains("a/b/\(number)", bytes))
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.all, [Durability.none, .file, .fileAndDirectory])
  func other_files_are_published_at_once(_ now: TreeCase, _ durability: Durability) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      let options = FileWriteOptions(durability: durability)
      let file = try await engine.writeUnpublished("file", in: tree.root, [1, 2], options)
      #expect(try file.isSettled && directory.bytes("file") == [1, 2])
      try await file.publish()
    }
  }

  @Test(arguments: grouping, [false, true])
  func a_file_that_is_dropped_leaves_nothing(_ now: TreeCase, needsHiddenName: Bool) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      var options = Self.batch
      options.needsHiddenName = needsHiddenName
      var dropped: UnpublishedFile? = try await engine.writeUnpublished("dropped", in: tree.root, [1], options)
      let kept = try await engine.writeUnpublished("kept", in: tree.root, [2], options)
      #expect(dropped?.isSettled == false)
      dropped = nil
      #expect(directory.openDescriptors == 2)
      try await kept.publish()
      #expect(try directory.listing == ["kept"] && directory.bytes("kept") == [2])
    }
    #expect(directory.openDescriptors == 0)
  }

  /// The name is given when the file is published, and what has it then is found then.
  @Test(arguments: grouping)
  func one_that_cannot_have_its_name_is_a_failure_of_its_own(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      var options = Self.batch
      options.replacesExisting = false
      var files: [UnpublishedFile] = []
      for name in ["a", "b", "c"] { files.append(try await engine.writeUnpublished(name, in: tree.root, [1], options)) }
      try directory.write([9], to: "b")
      try await files[0].publish()
      let error = try await failure { try await files[1].publish() }
      #expect(error.cause == .system(.fileExists) && error.path == directory.path("b"))
      try await files[2].publish()
      #expect(try directory.bytes("b") == [9])
    }
    #expect(Set(directory.listing) == ["a", "b", "c"] && directory.openDescriptors == 0)
  }

  @Test(arguments: grouping)
  func many_tasks_publish_together(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<300 {
          let lane = engine.lanes[number % engine.lanes.count].executor
          group.addTask(executorPreference: number % 3 == 0 ? nil : lane) {
            let place = try await engine.directory("\(number % 7)", in: tree)
            let file = try await engine.writeUnpublished("\(number)", in: place, [UInt8(number % 251)])
            if number % 5 != 0 { try await file.publish() }
          }
        }
        try await group.waitForAll()
      }
    }
    for number in 0..<300 where number % 5 != 0 {
      #expect(try directory.bytes("\(number % 7)/\(number)") == [UInt8(number % 251)])
    }
    #expect(directory.openDescriptors == 0)
  }

  private func grouped(
    _ names: [String], in tree: TargetTree, _ options: FileWriteOptions
  ) throws -> [GroupedFile] {
    try names.map { name in
      var temporary = try TemporaryFile.make(named: Array(name.utf8), in: tree.root, options)
      try temporary.prepareForGroup()
      return GroupedFile(temporary)
    }
  }

  /// No file gets its name if the disk cannot be reached, and of none anything is left.
  @Test(arguments: [false, true])
  func no_file_of_a_group_has_its_name_if_it_could_not_be_synchronized(needsHiddenName: Bool) async throws {
    let directory = try TemporaryDirectory(.disk)
    let tree = try TargetTree(FileReference(path: directory.path), creating: nil)
    var options = Self.batch
    options.needsHiddenName = needsHiddenName
    let files = try grouped(["a", "b"], in: tree, options)
    let failure = GroupedFile.synchronize(files) { _ throws(Errno) in throw .ioError }
    GroupedFile.publish(files, after: failure) { file throws(FileError) in
      throw FileError(file.reference, .sync, .system(.ioError))
    }
    for (file, name) in zip(files, ["a", "b"]) {
      #expect(file.isSettled)
      #expect(file.failure == FileError(path: directory.path(name), operation: .sync, cause: .system(.ioError)))
    }
    #expect(directory.listing == [] && directory.openDescriptors == 1)
  }

  /// That the file system has failed may be about another file.
  @Test func only_those_that_fail_themselves_have_no_name() async throws {
    let directory = try TemporaryDirectory(.disk)
    let tree = try TargetTree(FileReference(path: directory.path), creating: nil)
    let files = try grouped(["a", "b", "c"], in: tree, Self.batch)
    GroupedFile.publish(files, after: .system(.ioError)) { file throws(FileError) in
      if file.reference.name == Array("b".utf8) { throw FileError(file.reference, .sync, .system(.ioError)) }
    }
    #expect(Set(directory.listing) == ["a", "c"] && directory.openDescriptors == 1)
    #expect(files.map { $0.failure?.cause } == [nil, .system(.ioError), nil])
    #expect(files.allSatisfy { $0.isSettled })
  }

  @Test func one_synchronization_serves_all_that_were_not_abandoned() async throws {
    let directory = try TemporaryDirectory(.disk)
    let tree = try TargetTree(FileReference(path: directory.path), creating: nil)
    let files = try grouped(["a", "b", "c"], in: tree, Self.batch)
    files[0].abandon()
    var count = 0
    let failure = GroupedFile.synchronize(files) { _ throws(Errno) in count += 1 }
    #expect(failure == nil && count == 1 && directory.listing == [] && directory.openDescriptors == 3)
    files[1].abandon()
    GroupedFile.publish(files, after: failure)
    #expect(directory.listing == ["c"] && files.allSatisfy { $0.isSettled } && directory.openDescriptors == 1)
    #expect(GroupedFile.synchronize(files) { _ throws(Errno) in count += 1 } == nil && count == 1)
  }
}

extension FileEngine {
  fileprivate func writeUnpublished(
    _ name: String, in directory: TargetDirectory, _ bytes: [UInt8],
    _ options: FileWriteOptions = FileWriteOptions(durability: .batch)
  ) async throws(FileError) -> UnpublishedFile {
    let buffer = IOBuffer(capacity: max(1, bytes.count))
    buffer.withMutableBytes { memory in memory.withUnsafeMutableBytes { $0.copyBytes(from: bytes) } }
    return try await writeUnpublished(
      Array(name.utf8), in: directory, from: buffer, count: bytes.count, options: options)
  }
}
