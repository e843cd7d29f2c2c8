import FileEngines
import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

/// Files whose size is another than the file system says, and reads that fail for ever.
@Suite(.inTurn, .needsFaultFileSystem, .timeLimit(.minutes(5)))
struct LyingFileTests {
  private static let layout: [(name: String, size: Int, behaviours: String)] = [
    ("unknown", 600_000, "fdirect,sizelie=0"),
    ("small", 124, "fdirect,sizelie=0"),
    ("longer", 600_000, "fdirect,sizelie=10"),
    ("shorter", 100, "fdirect,sizelie=5000"),
    ("large", 2_500_000, "fdirect,sizelie=2200000"),
    ("dribbling", 20_000, "fdirect,sizelie=1000,short=1000"),
    ("interrupted", 10_000, "fdirect,eintr=3"),
    ("plain", 600_000, "ok"),
    ("empty", 0, "ok"),
  ]

  private static let contents = layout.map { FaultFileSystem.contents($0.name, size: $0.size) }

  /// Neither what is cached nor how a file is named may make a difference.
  @Test(arguments: EngineUnderTest.allCases, FileEngineConfiguration.PageCacheUse.allCases)
  func contents_are_what_the_daemon_gives(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse
  ) async throws {
    let lines = Self.layout.map { "d/\($0.name) \($0.size) \($0.behaviours)" }
    try await withFaultFileSystem(lines) { mounted in
      try await check(kind, pageCache, in: mounted.string)
    }
  }

  /// An overlayfs passes reads on to its layers, and its files are of the sizes that those say.
  @Test(arguments: EngineUnderTest.allCases, FileEngineConfiguration.PageCacheUse.allCases)
  func contents_are_the_same_through_an_overlay(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse
  ) async throws {
    let lines = Self.layout.map { "d/\($0.name) \($0.size) \($0.behaviours)" }
    let layers = try TemporaryDirectory(.disk)
    try await withFaultFileSystem(lines) { mounted in
      let overlay = try await MountedFileSystem(overlayOf: layers, lower: mounted.string)
      defer { overlay.end() }
      try await check(kind, pageCache, in: overlay.path)
    }
  }

  /// The kernel cuts what it caches at the size that it has been told, and sha256sum(1) reads as much.
  @Test(arguments: EngineUnderTest.allCases, FileEngineConfiguration.PageCacheUse.allCases)
  func what_the_kernel_caches_ends_where_the_daemon_says(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse
  ) async throws {
    let files: [(size: Int, said: Int)] = [(600_000, 10), (600_000, 4096), (600_000, 70_001), (5_000_000, 3_000_001)]
    try await withFaultFileSystem(files.map { "file\($0.said) \($0.size) sizelie=\($0.said)" }) { mounted in
      try await withEngine(kind, .small(bufferSize: 64 << 10, pageCache: pageCache)) { engine in
        for (size, said) in files {
          let expected = FaultFileSystem.contents("file\(said)", size: size).prefix(said)
          let read = try await engine.contents(mounted.path("file\(said)"))
          let isWhole = read.elementsEqual(expected)
          #expect(isWhole, "\(read.count) of \(said) bytes")
        }
      }
    }
  }

  private func check(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse, in root: String
  ) async throws {
    let names = Self.layout.map(\.name)
    let directory = try listedDirectory(Array("\(root)/d".utf8), names: names.map { Array($0.utf8) })
    try await withEngine(kind, .small(bufferSize: 64 << 10, pageCache: pageCache)) { engine in
      for place in Place.allCases {
        var start = 0
        for (name, expected) in zip(names, Self.contents) {
          let listed = FileReference(
            in: directory, start: start, count: name.utf8.count, inode: 1, listedKind: .regular)
          start += name.utf8.count + 1
          for file in [listed, FileReference(path: "\(root)/d/\(name)".utf8)] {
            let read = try await place.run(engine) { try await engine.contents(file).bytes }
            let isWhole = read == expected
            #expect(isWhole, "\(name): \(read.count) of \(expected.count) bytes, \(place)")
          }
        }
      }
    }
  }

  /// A file system that is mounted when another has been unmounted gets its numbers, the device's and the mount's.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func file_system_is_not_taken_for_the_one_that_was_there_before(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let place = try directory.makeDirectory("before")
    let contents = Self.contents[0]
    var isSame = false
    // Others may mount something in between.
    for _ in 0..<20 where !isSame {
      try await withEngine(kind, .small(bufferSize: 64 << 10)) { engine in
        #expect(place.withCString { mount("none", $0, "tmpfs", 0, nil) } == 0)
        // Polls every descriptor that there is.
        _ = DescriptorLimit.free
        let before = try identity(of: place)
        try directory.write(contents, to: "before/unknown")
        try await checkUnknown(engine, in: place)
        #expect(place.withCString { umount2($0, Int32(MNT_DETACH)) } == 0)
        try await withFaultFileSystem(["unknown 600000 fdirect,sizelie=0"]) { mounted in
          _ = DescriptorLimit.free
          isSame = try identity(of: mounted.path) == before
          try await checkUnknown(engine, in: mounted.path)
        }
      }
    }
    if !isSame { try Test.cancel("other file systems are mounted all the time") }
  }

  private func identity(of directory: [UInt8]) throws -> [UInt64] {
    let descriptor = try FileDescriptor.open(FilePath(String(decoding: directory, as: UTF8.self)), .readOnly)
    defer { try? descriptor.close() }
    let found = try #require(identify(descriptor.rawValue))
    return [found.device, found.mount]
  }

  private func checkUnknown(_ engine: any FileEngine, in directory: [UInt8]) async throws {
    let listed = try listedDirectory(directory, names: [Array("unknown".utf8)])
    for file in [
      FileReference(path: directory + Array("/unknown".utf8)),
      FileReference(in: listed, start: 0, count: "unknown".utf8.count, inode: 1, listedKind: .regular),
    ] {
      for place in Place.allCases {
        let isWhole = try await place.run(engine) { try await engine.contents(file).bytes == Self.contents[0] }
        #expect(isWhole)
      }
    }
  }

  /// lseek(2) is to say where the holes are, and may say anything: a copy ends all the same, and has what is no hole.
  @Test(arguments: EngineUnderTest.allCases)
  func copy_ends_whatever_is_said_of_holes(_ kind: EngineUnderTest) async throws {
    let (size, last) = (100_000, Int64.max)
    let lies: [(name: String, places: String, isHole: Bool)] = [
      ("backwards", "data=0,hole=\(size)", false), ("nothing", "data=0,hole=0", false),
      ("beyond", "data=\(last - 1),hole=\(last)", true), ("before", "data=\(last),hole=0", true),
      ("endless", "data=0,hole=\(last)", false),
    ]
    let target = try TemporaryDirectory(.disk)
    try await withFaultFileSystem(lies.map { "\($0.name) \(size) \($0.places)" }) { mounted in
      try await withEngine(kind) { engine in
        for (name, _, isHole) in lies {
          try await engine.copyFile(from: FileReference(path: mounted.path(name)), to: target.reference(name))
          let expected =
            isHole ? [UInt8](repeating: 0, count: size) : FaultFileSystem.contents(name, size: size)
          let isWhole = try target.contains(name, expected)
          #expect(isWhole, "\(name)")
        }
      }
    }
  }

  /// The kernel would begin an asynchronous read anew after `EAGAIN` and `EOPNOTSUPP`, for ever; `EINTR` is the
  /// engine's to repeat.
  @Test(
    arguments: EngineUnderTest.allCases, [Errno.interrupted, .resourceTemporarilyUnavailable, .notSupported, .canceled])
  func error_that_a_daemon_answers_for_ever_is_the_file_s(_ kind: EngineUnderTest, _ errno: Errno) async throws {
    let layout = ["fdirect,", ""].enumerated().flatMap { number, direct in
      ["read\(number) 100 \(direct)readerr=\(errno.rawValue)", "open\(number) 100 \(direct)openerr=\(errno.rawValue)"]
    }
    try await withFaultFileSystem(layout) { mounted in
      try await withEngine(kind) { engine in
        for place in Place.allCases {
          for (name, operation) in [
            ("read0", FileError.Operation.read), ("open0", .open), ("read1", .read), ("open1", .open),
          ] {
            let error = try await failure {
              try await place.run(engine) { _ = try await engine.contents(mounted.path(name)) }
            }
            #expect(error.operation == operation && error.cause == .system(errno), "\(name): \(error)")
          }
        }
      }
    }
  }
}
