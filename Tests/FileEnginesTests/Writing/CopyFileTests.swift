import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct CopyFileTests {
  @Test(arguments: Circumstances.all)
  func contents_permissions_and_times_are_copied(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(now.kind) { engine in
      for (number, size) in [0, 1, 4095, 4096, 4097, 5 * 1024 * 1024].enumerated() {
        let bytes = [UInt8].noise(size)
        let path = try directory.write(bytes, to: "source")
        directory.setPermissions("source", [0o600, 0o755, 0o444][number % 3])
        let times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 123_456_789), timespec(tv_sec: 999_999_999, tv_nsec: 1)]
        #expect(path.withCString { utimensat(AT_FDCWD, $0, times, 0) } == 0)
        // The first makes the target, the others replace it.
        let count = try await now.place.run(engine) {
          try await engine.copyFile(
            from: directory.reference("source"), to: directory.reference("target"),
            options: now.temporary.copyOptions())
        }
        #expect(count == Int64(size))
        let status = directory.status("target")
        #expect(status.st_mtim.tv_sec == 999_999_999 && status.st_mtim.tv_nsec == 1)
        #expect(status.st_atim.tv_sec == 1_000_000_000 && status.st_atim.tv_nsec == 123_456_789)
        #expect(directory.permissions("target") == directory.permissions("source"))
        #expect(try directory.contains("target", bytes), "\(size) bytes")
        #expect(directory.listing == ["source", "target"])
        directory.setPermissions("source", 0o600)
      }
      #expect(directory.openDescriptors == 0)
    }
  }

  /// To another file system, to which the kernel may refuse to copy.
  @Test(arguments: EngineUnderTest.allCases)
  func file_is_copied_between_file_systems(_ kind: EngineUnderTest) async throws {
    let (directory, memory) = (try TemporaryDirectory(.disk), try TemporaryDirectory(in: "/dev/shm"))
    let bytes = [UInt8].noise(100_000)
    try directory.write(bytes, to: "file")
    try await withEngine(kind) { engine in
      try await engine.copyFile(from: directory.reference("file"), to: memory.reference("there"))
      try await engine.copyFile(from: memory.reference("there"), to: directory.reference("back"))
      #expect(try memory.contains("there", bytes) && directory.contains("back", bytes))
    }
  }

  /// Data and holes at either end and in between, and data that are longer than a piece of a copy.
  @Test(arguments: EngineUnderTest.allCases, [[0], [1], [0, 2, 17], [1, 3], Array(0..<17)])
  func sparse_file_has_the_same_bytes_and_holes(_ kind: EngineUnderTest, _ extents: [Int]) async throws {
    let directory = try TemporaryDirectory(.disk)
    let (extent, size) = (1 << 20, 18 * (1 << 20) - 17)
    let path = try directory.write([], to: "source")
    #expect(path.withCString { truncate($0, off_t(size)) } == 0)
    let file = try FileDescriptor.open(FilePath("\(directory.string)/source"), .writeOnly)
    for number in extents {
      let bytes = [UInt8](repeating: UInt8(1 + number), count: min(extent, size - number * extent))
      _ = try file.writeAll(toAbsoluteOffset: Int64(number * extent), bytes)
    }
    try file.close()
    try await withEngine(kind, .small(bufferSize: 128 << 10)) { engine in
      let count = try await Place.onLane.run(engine) {
        try await engine.copyFile(from: directory.reference("source"), to: directory.reference("target"))
      }
      #expect(count == Int64(size) && directory.status("target").st_size == off_t(size))
      let isEqual = try directory.contains("target", directory.bytes("source"))
      #expect(isEqual)
      // A file system may need a few blocks more to say where the others are.
      #expect(directory.status("target").st_blocks <= directory.status("source").st_blocks + 64)
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func file_of_proc_is_copied_to_its_end(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(kind) { engine in
      try await place.run(engine) {
        for name in ["version", "cpuinfo"] {
          let source = FileReference(path: Array("/proc/\(name)".utf8))
          let count = try await engine.copyFile(from: source, to: directory.reference(name))
          #expect(count > 0)
        }
      }
      let version = try await engine.contents(Array("/proc/version".utf8))
      #expect(try directory.contains("version", version))
      #expect(try String(decoding: directory.bytes("cpuinfo"), as: UTF8.self).contains("processor"))
    }
  }

  @Test(arguments: Circumstances.all)
  func wrong_sources_and_targets_are_refused(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([1, 2, 3], to: "file")
    try directory.makeDirectory("directory")
    try directory.makePipe("fifo")
    try directory.makeLink("link", to: "file")
    #expect(path.withCString { from in directory.path("same").withCString { link(from, $0) } } == 0)
    let before = directory.listing
    let missing = FileError.Cause.system(.noSuchFileOrDirectory)
    let cases: [(source: String, target: String, blamed: String, FileError.Operation, FileError.Cause)] = [
      ("file", "file", "file", .copy, .sameFile), ("file", "same", "same", .copy, .sameFile),
      ("link", "file", "file", .copy, .sameFile), ("file", "directory", "directory", .create, .isDirectory),
      ("file", "fifo", "fifo", .create, .notRegular), ("directory", "new", "directory", .open, .isDirectory),
      ("fifo", "new", "fifo", .open, .notRegular), ("missing", "new", "missing", .open, missing),
      ("file", "missing/new", "missing/new", .create, missing),
    ]
    try await withEngine(now.kind) { engine in
      for (source, target, blamed, operation, cause) in cases {
        let error = try await failure {
          _ = try await now.place.run(engine) {
            try await engine.copyFile(
              from: directory.reference(source), to: directory.reference(target), options: now.temporary.copyOptions())
          }
        }
        #expect(error == FileError(path: directory.path(blamed), operation: operation, cause: cause))
      }
      #expect(directory.listing == before)
      #expect(try directory.bytes("file") == [1, 2, 3])
      #expect(directory.openDescriptors == 0)
      // A link in the target's place is not followed: the source is safe, and the link becomes a file.
      try await engine.copyFile(from: directory.reference("file"), to: directory.reference("link"))
      #expect(directory.status("link").st_mode & S_IFMT == S_IFREG)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func ownership_is_copied_on_request(_ kind: EngineUnderTest) async throws {
    if getuid() != 0 { try Test.cancel("only root may give files away") }
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([1], to: "file")
    #expect(path.withCString { chown($0, 1234, 4321) } == 0)
    directory.setPermissions("file", 0o6755)
    try await withEngine(kind) { engine in
      let source = directory.reference("file")
      try await engine.copyFile(from: source, to: directory.reference("mine"))
      #expect(directory.status("mine").st_uid == 0 && directory.permissions("mine") == 0o755)
      let options = FileCopyOptions(preservesOwnership: true)
      try await engine.copyFile(from: source, to: directory.reference("theirs"), options: options)
      let status = directory.status("theirs")
      #expect(status.st_uid == 1234 && status.st_gid == 4321 && directory.permissions("theirs") == 0o6755)
    }
  }

  /// Half a gigabyte takes a while, and comes in many pieces: the cancellation hits between two.
  @Test(arguments: EngineUnderTest.allCases, Temporary.allCases)
  func cancelled_copy_stops_between_pieces(_ kind: EngineUnderTest, _ temporary: Temporary) async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([1], to: "source")
    let source = path.withCString { open($0, O_WRONLY | O_CLOEXEC) }
    // With blocks of its own, so that it is not known for a hole.
    #expect(posix_fallocate(source, 0, 512 << 20) == 0)
    close(source)
    try directory.write([1, 2, 3], to: "target")
    try await withEngine(kind) { engine in
      let copying = Task {
        try await engine.copyFile(
          from: directory.reference("source"), to: directory.reference("target"), options: temporary.copyOptions())
      }
      while directory.openDescriptors == 0 { await Task.yield() }
      copying.cancel()
      let error = try await failure { _ = try await copying.value }
      #expect(error.isCancellation && error.operation == .copy)
      #expect(try directory.bytes("target") == [1, 2, 3])
      #expect(directory.listing == ["source", "target"])
      #expect(directory.openDescriptors == 0)
    }
  }
}
