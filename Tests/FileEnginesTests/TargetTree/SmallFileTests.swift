import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// Whole small files in a target tree, by every engine and every way.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct SmallFileTests {
  @Test(arguments: TreeCase.all, [Durability.none, .batch, .file])
  func new_files_of_every_size_arrive_whole(_ now: TreeCase, _ durability: Durability) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      let sizes = [0, 1, 4095, 4096, 4097, 65_536]
      let place = try await engine.directory("a/b", in: tree)
      for size in sizes {
        let bytes = [UInt8].noise(size, seed: UInt64(size))
        try await engine.write("\(size)", in: place, bytes, FileWriteOptions(durability: durability))
        #expect(try directory.contains("a/b/\(size)", bytes), "\(size) bytes")
      }
      // A chain cannot wait for others.
      if durability != .batch { now.expectFiles(sizes.count, of: engine) }
    }
    #expect(directory.openDescriptors == 0)
    #expect(TemporaryDirectory.names(in: directory.path("a/b")).count == 6)
  }

  @Test(arguments: TreeCase.all)
  func synchronized_directory_takes_the_way_of_calls(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      for round in UInt8(0)..<2 {
        try await engine.write("file", in: tree.root, [round], FileWriteOptions(durability: .fileAndDirectory))
        #expect(try directory.bytes("file") == [round])
      }
      #expect(engine.statistics.filesWrittenByChain == 0)
    }
    #expect(directory.listing == ["file"] && directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.all)
  func file_is_replaced_if_it_may_be(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1, 2, 3], to: "file")
    try await now.run(in: directory) { engine, tree in
      let error = try await failure {
        try await engine.write("file", in: tree.root, [4], FileWriteOptions(replacesExisting: false))
      }
      #expect(error == FileError(path: directory.path("file"), operation: .create, cause: .system(.fileExists)))
      #expect(try directory.bytes("file") == [1, 2, 3])
      for round in UInt8(4)..<8 {
        try await engine.write("file", in: tree.root, [round, round])
        #expect(try directory.bytes("file") == [round, round])
      }
      now.expectFiles(4, of: engine)
    }
    #expect(directory.listing == ["file"] && directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.all)
  func link_in_the_targets_place_is_replaced_and_not_followed(_ now: TreeCase) async throws {
    let (directory, elsewhere) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    try elsewhere.write([1, 2, 3], to: "victim")
    elsewhere.setPermissions("victim", 0o444)
    try directory.makeLink("to directory", to: elsewhere.string)
    try directory.makeLink("link", to: "\(elsewhere.string)/victim")
    try directory.makeLink("dangling", to: "\(elsewhere.string)/nothing")
    try await now.run(in: directory) { engine, tree in
      for name in ["link", "dangling", "to directory"] {
        try await engine.write(name, in: tree.root, [4])
        #expect(directory.status(name).st_mode & S_IFMT == S_IFREG)
        #expect(directory.permissions(name) != 0o444)
        #expect(try directory.bytes(name) == [4])
      }
      now.expectFiles(3, of: engine)
    }
    #expect(try elsewhere.listing == ["victim"] && elsewhere.bytes("victim") == [1, 2, 3])
  }

  @Test(arguments: TreeCase.all)
  func what_is_no_file_is_not_replaced_and_what_is_no_name_is_refused(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.makeDirectory("directory")
    try directory.makePipe("fifo")
    try directory.makeSocket("socket")
    let before = directory.listing
    let cases: [(String, FileError.Cause)] = [
      ("directory", .isDirectory), ("fifo", .notRegular), ("socket", .notRegular), (".", .isDirectory),
      ("..", .isDirectory), ("", .system(.noSuchFileOrDirectory)), ("a/b", .system(.invalidArgument)),
      ("/tmp/file", .system(.invalidArgument)), ("a\0b", .nulInPath),
      (String(repeating: "n", count: 256), .system(.fileNameTooLong)),
    ]
    try await now.run(in: directory) { engine, tree in
      for replaces in [true, false] {
        for (name, cause) in cases {
          let error = try await failure {
            try await engine.write(name, in: tree.root, [1], FileWriteOptions(replacesExisting: replaces))
          }
          #expect(error.operation == .create && error.cause == cause, "\(name)")
          #expect(error.path == directory.path(name))
        }
      }
    }
    #expect(directory.listing == before && directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.onLane)
  func hostile_names_serve(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    let single = (1...255).map { UInt8($0) }.filter { $0 != UInt8(ascii: "/") }
    let names =
      single.map { [$0] }.filter { $0 != [UInt8(ascii: ".")] } + [
        single, [0xFF, 0xFE], Array("a\nb\\".utf8), [UInt8](repeating: 0x6E, count: 255), Array("-rf *".utf8),
        Array("...".utf8),
      ]
    try await now.run(in: directory) { engine, tree in
      for name in names { try await engine.write(name, in: tree.root, name) }
      now.expectFiles(names.count, of: engine)
      for name in names { #expect(try await engine.contents(directory.path(name)) == name) }
    }
    #expect(Set(TemporaryDirectory.names(in: directory.path)) == Set(names))
  }

  @Test(arguments: TreeCase.all)
  func permissions_are_kept_or_given(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    let plain = directory.path("plain").withCString { open($0, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666) }
    _ = close(plain)
    try await now.run(in: directory) { engine, tree in
      try await engine.write("new", in: tree.root, [1])
      #expect(directory.permissions("new") == directory.permissions("plain"))
      for mode in [mode_t(0o640), 0o777, 0o400, directory.permissions("plain")] {
        directory.setPermissions("new", mode)
        try await engine.write("new", in: tree.root, [2])
        #expect(directory.permissions("new") == mode)
      }
      for mode in [CInterop.Mode(0o644), 0o777, 0o666, 0o600, 0o400, 0o4755] {
        let options = FileWriteOptions(permissions: .exactly(FilePermissions(rawValue: mode)))
        for name in ["exactly \(mode)", "new"] {
          try await engine.write(name, in: tree.root, [3], options)
          #expect(directory.permissions(name) == mode_t(mode))
          #expect(try directory.bytes(name) == [3])
        }
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  /// What comes from the umask alone takes no call: neither in 0666 less the umask, nor in what it leaves untouched.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func usual_permissions_take_the_ring_alone(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let now = TreeCase(kind: kind, way: .ring, place: .onLane)
    try await now.run(in: directory) { engine, tree in
      let owner = FileWriteOptions(permissions: .exactly(FilePermissions(rawValue: 0o600)))
      try await engine.write("owner", in: tree.root, [1], owner)
      try await engine.write("usual", in: tree.root, [1])
      try await engine.write("usual", in: tree.root, [2])
      now.expectFiles(3, of: engine)
      let others = FileWriteOptions(permissions: .exactly(FilePermissions(rawValue: 0o666)))
      let umask = 0o666 & ~directory.permissions("usual")
      try await engine.write("others", in: tree.root, [1], others)
      #expect(directory.permissions("others") == 0o666)
      now.expectFiles(umask == 0 ? 4 : 3, of: engine, finishedByCalls: umask == 0 ? 0 : 1)
    }
  }

  @Test(arguments: TreeCase.onLane)
  func directory_that_went_away_is_an_error(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await now.run(in: directory) { engine, tree in
      let place = try await engine.directory("gone", in: tree)
      _ = rmdir(directory.string + "/gone")
      let error = try await failure { try await engine.write("file", in: place, [1]) }
      // What ext4 says of a file without a name in a directory without one.
      let causes: [FileError.Cause] = [.system(.noSuchFileOrDirectory), .system(.notPermitted)]
      #expect(error.operation == .create && causes.contains(error.cause), "\(error)")
      #expect(error.path == directory.path("gone/file"))
    }
    #expect(directory.listing == [] && directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.onLane)
  func full_file_system_is_a_clear_error(_ now: TreeCase) async throws {
    let small = try await MountedFileSystem("tmpfs", options: "size=1m")
    defer { small.end() }
    let directory = try TemporaryDirectory(in: small.path)
    try directory.write([1, 2, 3], to: "old")
    try directory.write([UInt8].noise(900_000), to: "filler")
    try await now.run(in: directory) { engine, tree in
      var written = 0
      // The first that does not fit as a whole is written in part, if at all.
      for number in 0..<5 {
        do {
          try await engine.write(number == 0 ? "0" : "old", in: tree.root, .noise(60_000))
          written += 1
        } catch let error as FileError {
          #expect(error.operation == .write && error.cause == .system(.noSpace), "\(error)")
          #expect(error.path == directory.path(number == 0 ? "0" : "old"))
          #expect((0..<60_000).contains(error.offset ?? -1))
        }
      }
      #expect(written < 5)
      #expect(Set(directory.listing) == ["0", "filler", "old"])
      let sizes = ["0", "old"].map { directory.status($0).st_size }
      #expect(sizes[0] == 60_000 && (sizes[1] == 3 || sizes[1] == 60_000))
      _ = unlink(directory.string + "/filler")
      for _ in 0..<100_000 where small.freeBytes < 500_000 { await Task.yield() }
      try await engine.write("old", in: tree.root, .noise(60_000))
      #expect(directory.status("old").st_size == 60_000)
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.onLane)
  func many_at_once_arrive_whole(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    // The simulated engine does not wait for descriptors.
    let count = TreeCase.isShortOfDescriptors ? 8 : 400
    try await now.run(in: directory) { engine, tree in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count {
          let lane = engine.lanes[number % engine.lanes.count].executor
          group.addTask(executorPreference: number % 3 == 0 ? nil : lane) {
            let place = try await engine.directory("\(number % 7)", in: tree)
            try await engine.write("\(number)", in: place, [UInt8](repeating: UInt8(number % 251), count: number))
          }
        }
        try await group.waitForAll()
      }
      now.expectFiles(count, of: engine)
    }
    for number in 0..<count {
      let expected = [UInt8](repeating: UInt8(number % 251), count: number)
      #expect(try directory.bytes("\(number % 7)/\(number)") == expected)
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.onLane)
  func cancelled_tasks_leave_whole_files_or_none(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    let bytes = [UInt8].noise(20_000)
    try await now.run(in: directory) { engine, tree in
      let early = try await failure {
        try await Task(executorPreference: engine.lanes[0].executor) {
          withUnsafeCurrentTask { $0?.cancel() }
          try await engine.write("early", in: tree.root, bytes)
        }.value
      }
      #expect(early.isCancellation && early.path == directory.path("early"))
      for round in 0..<20 {
        let begun = Gate()
        let tasks = (0..<40).map { number in
          Task(executorPreference: engine.lanes[number % engine.lanes.count].executor) {
            begun.open()
            try await engine.write("\(round)-\(number % 2 == 0 ? number : 1)", in: tree.root, bytes)
          }
        }
        await begun.wait()
        for _ in 0..<round { await Task.yield() }
        for task in tasks { task.cancel() }
        for task in tasks {
          do { try await task.value } catch let error as FileError { #expect(error.isCancellation, "\(error)") }
        }
      }
      #expect(directory.openDescriptors == 1)
    }
    for name in directory.listing {
      #expect(!name.hasPrefix("."))
      #expect(try directory.contains(name, bytes), "\(name)")
    }
    #expect(directory.openDescriptors == 0)
  }

  /// In the end every place for a chain, every slot of the rings and every descriptor is free again.
  @Test(arguments: TreeCase.onLane.filter { $0.way == .ring })
  func many_cancelled_chains_leave_nothing_taken(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    let (count, width) = (TestExpectation.isFull ? 100_000 : 4_000, 100)
    try await now.run(in: directory) { engine, tree in
      for first in stride(from: 0, to: count, by: width) {
        let tasks = (first..<first + width).map { number in
          Task(executorPreference: engine.lanes[number % engine.lanes.count].executor) {
            try await engine.write("\(number % 16)", in: tree.root, [UInt8(number % 16)])
          }
        }
        for (number, task) in tasks.enumerated() {
          if number % 3 == 0 { await Task.yield() }
          task.cancel()
        }
        for task in tasks {
          do { try await task.value } catch let error as FileError { #expect(error.isCancellation, "\(error)") }
        }
      }
      #expect(directory.openDescriptors == 1)
      let before = engine.statistics.filesWrittenByChain
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<16 {
          group.addTask(executorPreference: engine.lanes[number % engine.lanes.count].executor) {
            try await engine.write("\(number)", in: tree.root, [UInt8(number)])
          }
        }
        try await group.waitForAll()
      }
      if !TreeCase.isShortOfDescriptors { #expect(engine.statistics.filesWrittenByChain - before == 16) }
    }
    for name in directory.listing { #expect(try directory.bytes(name) == [UInt8(try #require(Int(name)))]) }
    #expect(directory.listing.count == 16 && directory.openDescriptors == 0)
  }

  @Test(arguments: TreeCase.all)
  func nothing_is_written_after_the_end_of_the_engine(_ now: TreeCase) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(now.kind, now.configuration) { engine in
      let tree = try await engine.openTarget(FileReference(path: directory.path), creating: nil)
      await engine.shutDown()
      let error = try await failure { try await engine.write("file", in: tree.root, [1]) }
      #expect(error.cause == .engineShutDown && error.path == directory.path("file"))
      let place = try await failure { _ = try await engine.directory("new", in: tree) }
      #expect(place.cause == .engineShutDown)
    }
    #expect(directory.listing == [])
  }

  /// Shut down while files are being written: each is complete, or was never there.
  @Test(arguments: TreeCase.onLane)
  func engine_that_ends_in_between_leaves_whole_files_or_none(_ now: TreeCase) async throws {
    let bytes = [UInt8].noise(30_000)
    for round in 0..<10 {
      let directory = try TemporaryDirectory(.disk)
      try await withEngine(now.kind, now.configuration) { engine in
        let tree = try await engine.openTarget(FileReference(path: directory.path), creating: nil)
        let written = Counter()
        let tasks = (0..<20).map { number in
          Task(executorPreference: engine.lanes[number % engine.lanes.count].executor) {
            for file in 0... {
              try await engine.write("\(number)-\(file)", in: tree.root, bytes)
              written.add()
            }
          }
        }
        while written.value < 5 * round { await Task.yield() }
        await engine.shutDown()
        for task in tasks {
          let error = try await failure { try await task.value }
          #expect(error.cause == .engineShutDown, "\(error)")
        }
        #expect(directory.listing.count >= written.value)
      }
      for name in directory.listing {
        #expect(!name.hasPrefix("."))
        #expect(try directory.contains(name, bytes), "\(name)")
      }
      #expect(directory.openDescriptors == 0)
    }
  }
}
