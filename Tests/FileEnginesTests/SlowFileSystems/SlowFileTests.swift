import FileEngines
import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Files whose daemon takes its time over opening, reading and closing them, or never answers.
@Suite(.inTurn, .needsFaultFileSystem, .timeLimit(.minutes(5)))
struct SlowFileTests {
  enum Call: String, Sendable, CaseIterable, Codable {
    case open, flush, read

    var hanging: String { "fdirect,\(rawValue)hang" }
  }

  /// A loop that waited for each call would have one request under way at a time, and openers eight.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring], Call.allCases)
  func slow_calls_are_under_way_together(_ kind: EngineUnderTest, _ call: Call) async throws {
    let names = (0..<40).map { "file\($0)" }
    for areListed in [true, false] {
      try await withFaultFileSystem(names.map { "d/\($0) 100 \(call.hanging)" }) { mounted in
        let given = names.map { FileReference(path: mounted.path("d/\($0)")) }
        let files = areListed ? try mounted.listed(names, in: "d") : given
        try await withEngine(kind, FileEngineConfiguration(loops: 2, depth: 64)) { engine in
          let reading = files.enumerated().map { number, file in
            let lane = engine.lanes[number % engine.lanes.count]
            return Task(executorPreference: lane.executor) { try await engine.contents(file).bytes.count }
          }
          try await mounted.wait(forWaiting: names.count)
          mounted.release()
          for task in reading { _ = await task.result }
        }
      }
    }
  }

  @Test(arguments: [EngineUnderTest.uring, .hardenedUring, .threads], Call.allCases)
  func files_that_hang_hold_up_no_others(_ kind: EngineUnderTest, _ call: Call) async throws {
    let hanging = (0..<20).map { "hanging\($0)" }
    let names = (0..<30).map { "file\($0)" }
    let layout = hanging.map { "d/\($0) 100 \(call.hanging)" } + names.map { "d/\($0) 100" }
    let directory = try TemporaryDirectory(.disk)
    let disk = try (0..<30).map { FileReference(path: try directory.write([UInt8].noise(5000), to: "\($0)")) }
    try await withFaultFileSystem(layout) { mounted in
      // More threads, and tasks, than hang.
      try await withEngine(kind, FileEngineConfiguration(loops: 1, depth: 64)) { engine in
        let lanes = engine.lanes
        let stuck = try mounted.listed(hanging, in: "d").enumerated().map { number, file in
          Task(executorPreference: lanes[number % lanes.count].executor) { try await engine.contents(file).bytes.count }
        }
        try await mounted.wait(forWaiting: hanging.count)
        for file in disk { file.dropFromPageCache() }
        // The engine of threads has one that does not hang.
        try await Task(executorPreference: lanes[lanes.count - 1].executor) {
          for file in try mounted.listed(names, in: "d") + disk {
            let count = try await engine.contents(file).bytes.count
            #expect(count == 100 || count == 5000)
          }
        }.value
        mounted.release()
        for task in stuck { _ = await task.result }
      }
    }
  }

  /// Files in the places of which others are mounted. A walk lists them as files of its own directory.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func files_that_hang_in_the_places_of_others_hold_up_none(_ kind: EngineUnderTest) async throws {
    let hanging = (0..<20).map { "hanging\($0)" }
    let directory = try TemporaryDirectory(.disk)
    let disk = try (0..<200).map { try directory.write([UInt8].noise(5000), to: "file\($0)") }
    try await withFaultFileSystem(hanging.map { "\($0) 100 openhang" }) { mounted in
      for name in hanging {
        let place = try directory.write([1], to: name)
        let isMounted = mounted.path(name).withCString { source in
          place.withCString { mount(source, $0, nil, UInt(MS_BIND), nil) }
        }
        #expect(isMounted == 0)
      }
      defer { for name in hanging { _ = directory.path(name).withCString { umount2($0, Int32(MNT_DETACH)) } } }
      let listed = try directory.reference(names: hanging)
      try await withEngine(kind, FileEngineConfiguration(loops: 1, depth: 64)) { engine in
        let lane = engine.lanes[0]
        var start = 0
        let stuck = hanging.map { name in
          defer { start += name.utf8.count + 1 }
          let file = FileReference(in: listed, start: start, count: name.utf8.count, inode: 1, listedKind: .regular)
          return Task(executorPreference: lane.executor) { try await engine.contents(file).bytes.count }
        }
        try await mounted.wait(forWaiting: hanging.count)
        // With names that the caches do not know openers are asked.
        for path in disk {
          FileReference(path: path).dropFromPageCache()
          let count = try await Task(executorPreference: lane.executor) { try await engine.contents(path).count }.value
          #expect(count == 5000)
        }
        let gone = FileReference(
          in: try directory.reference(names: ["gone"]), start: 0, count: 4, inode: 1, listedKind: .regular)
        let error = try await failure {
          _ = try await Task(executorPreference: lane.executor) { try await engine.contents(gone).bytes }.value
        }
        #expect(error.cause == .system(.noSuchFileOrDirectory))
        mounted.release()
        for task in stuck { _ = await task.result }
      }
    }
  }

  /// Writing has as many threads for them as reading, and files of a disk do not wait for those.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func slow_calls_of_writing_are_under_way_together(_ kind: EngineUnderTest) async throws {
    let count = 40
    for call in ["open", "write", "flush"] {
      try await withFaultFileSystem((0..<count).map { "d/file\($0) 100 \(call)hang" }) { mounted in
        let names = (0..<count).map { "file\($0)" }
        let listed = try mounted.listed(names, in: "d")
        let files = names.enumerated().map { number, name in
          number % 2 == 0 ? listed[number] : FileReference(path: mounted.path("d/\(name)"))
        }
        try await withEngine(kind, FileEngineConfiguration(loops: 1, depth: 64)) { engine in
          let writing = files.map { file in Task { try await write(file, by: engine) } }
          try await mounted.wait(forWaiting: count)
          let directory = try TemporaryDirectory(.disk)
          try await engine.writeFile(at: directory.reference("new"), contents: [1], options: FileWriteOptions())
          mounted.release()
          for task in writing { _ = await task.result }
        }
      }
    }
  }

  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func copies_of_slow_files_are_under_way_together(_ kind: EngineUnderTest) async throws {
    let names = (0..<40).map { "file\($0)" }
    let directory = try TemporaryDirectory(.disk)
    try await withFaultFileSystem(names.map { "d/\($0) 100 readhang" }) { mounted in
      try await withEngine(kind, FileEngineConfiguration(loops: 1, depth: 64)) { engine in
        let copying = names.map { name in
          Task {
            let source = FileReference(path: mounted.path("d/\(name)"))
            try await engine.copyFile(from: source, to: directory.reference(name), options: FileCopyOptions())
          }
        }
        try await mounted.wait(forWaiting: names.count)
        mounted.release()
        for task in copying { _ = await task.result }
      }
    }
  }

  private func write(_ file: FileReference, by engine: any FileEngine) async throws {
    let opened = try await engine.openForWriting(file, .existing, permissions: [])
    let buffer = engine.makeBuffer()
    buffer.withMutableBytes { bytes in bytes.withUnsafeMutableBytes { $0[0] = 1 } }
    do {
      _ = try await engine.write(opened, from: buffer, range: 0..<1, at: 0)
    } catch {
      try? await engine.close(opened)
      throw error
    }
    try await engine.close(opened)
  }
}
