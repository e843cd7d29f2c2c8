import FileEngines
import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct PageCacheTests {
  static let sizes = [0, 1, 511, 4096, 5000, 20_480, 20_481, 3 << 20]

  /// A tmpfs has no `O_DIRECT` of its own: some kernels refuse it there, others take it and copy.
  @Test(arguments: EngineUnderTest.allCases, ["/tmp", "/dev/shm"])
  func every_use_of_the_page_cache_gives_the_same_bytes(_ kind: EngineUnderTest, _ parent: String) async throws {
    try await checkSizes(kind, in: TemporaryDirectory(in: parent))
  }

  /// A ramfs does refuse it.
  @Test(arguments: EngineUnderTest.allCases)
  func file_system_without_direct_reads_is_read_through_the_cache(_ kind: EngineUnderTest) async throws {
    let mounted = try await MountedFileSystem("ramfs")
    defer { mounted.end() }
    let directory = try TemporaryDirectory(in: mounted.path)
    let file = try directory.write([1], to: "file").withCString { open($0, O_RDONLY | O_CLOEXEC | directFlag) }
    #expect(file == -1 && errno == EINVAL)
    try await checkSizes(kind, in: directory)
  }

  /// An overlayfs has, and cannot tell what is cached.
  @Test(arguments: EngineUnderTest.allCases)
  func layered_file_system_is_read_through_the_cache_and_around_it(_ kind: EngineUnderTest) async throws {
    let layers = try TemporaryDirectory(.disk)
    let mounted = try await MountedFileSystem(overlayOf: layers)
    defer { mounted.end() }
    try await checkSizes(kind, in: TemporaryDirectory(in: mounted.path))
  }

  /// The kernel would hand them to worker threads, though they have no need to wait.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring], ["tmpfs", "overlay"])
  func cached_files_are_not_the_rings_where_nobody_can_tell(_ kind: EngineUnderTest, _ type: String) async throws {
    let layers = try TemporaryDirectory(.disk)
    let mounted = try await type == "overlay" ? MountedFileSystem(overlayOf: layers) : MountedFileSystem(type)
    defer { mounted.end() }
    let directory = try TemporaryDirectory(in: mounted.path)
    let contents = [UInt8].noise(20_000)
    try directory.write(contents, to: "file")
    // The way into the other namespace is none that the kernel's cache of names knows.
    let file = FileReference(
      in: try directory.reference(names: ["file"]), start: 0, count: 4, inode: 1, listedKind: .regular)
    try await withEngine(kind) { engine in
      // What wakes the loop is an operation of its ring, too. Somebody else may empty all caches in between.
      var operations = UInt64.max
      for _ in 0..<100 where operations >= 50 {
        let before = engine.statistics
        try await Place.onLane.run(engine) {
          for _ in 0..<100 {
            let isWhole = try await engine.contents(file).bytes == contents
            #expect(isWhole)
          }
        }
        operations = engine.statistics.ringOperations - before.ringOperations
      }
      #expect(operations < 50)
    }
  }

  private func checkSizes(_ kind: EngineUnderTest, in directory: TemporaryDirectory) async throws {
    let files = try Self.sizes.map { size in
      let bytes = [UInt8].noise(size, seed: UInt64(size))
      return (path: try directory.write(bytes, to: "\(size)"), bytes: bytes)
    }
    for pageCache in FileEngineConfiguration.PageCacheUse.allCases {
      // 5,000 is not a size that O_DIRECT takes; the engine rounds it up.
      try await withEngine(kind, .small(bufferSize: 5000, pageCache: pageCache)) { engine in
        for place in Place.allCases {
          for file in files {
            FileReference(path: file.path).dropFromPageCache()
            let cold = try await place.run(engine) { try await engine.contents(file.path) }
            let warm = try await place.run(engine) { try await engine.contents(file.path) }
            #expect(cold == file.bytes && warm == file.bytes, "\(file.bytes.count) bytes, \(pageCache), \(place)")
          }
        }
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  /// A read that would rather fail than wait ends before the first page that is not there: that is not the end of the
  /// file.
  @Test(arguments: EngineUnderTest.allCases)
  func a_file_of_which_some_pages_are_cached_comes_whole(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(kind, .small(bufferSize: 128 << 10)) { engine in
      for size in [3 * 4096, 5 * 4096 + 100, 16 * 4096 - 1] {
        let bytes = [UInt8].noise(size, seed: UInt64(size))
        let path = try directory.write(bytes, to: "\(size)")
        for droppedFrom in [0, 4096, 2 * 4096] {
          dropPages(of: path, from: droppedFrom)
          let read = try await Place.onLane.run(engine) { try await engine.contents(path) }
          let isWhole = read == bytes
          #expect(isWhole, "\(read.count) of \(size) bytes, not cached from \(droppedFrom)")
        }
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  /// A walk that asks for the status of files brings their inodes into memory, and nothing of their contents: an
  /// attempt to read each from the cache would have the kernel read it ahead by itself.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring], [FileEngineConfiguration.PageCacheUse.auto, .use])
  func files_with_nothing_in_the_cache_are_left_to_the_ring(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse
  ) async throws {
    let directory = try TemporaryDirectory(.disk)
    let names = (0..<10).map { "file\($0)" }
    for name in names { dropPages(of: try directory.write([UInt8].noise(5000), to: name), from: 0) }
    if try cachedFiles(names, in: directory) ?? 10 > 0 { try Test.cancel("nobody can tell what is cached") }
    let (listed, count) = (try directory.reference(names: names), names[0].utf8.count)
    let files = names.indices.map {
      FileReference(in: listed, start: $0 * (count + 1), count: count, inode: UInt64($0), listedKind: .regular)
    }
    // The first of them is tried; on a busy machine the disk may answer while it is, so that the next one is, too.
    var holds = false
    for _ in 0..<20 where !holds {
      for name in names { dropPages(of: directory.path(name), from: 0) }
      let operations = try await withEngine(kind, .small(bufferSize: 8192, pageCache: pageCache)) { engine in
        let before = engine.statistics.ringOperations
        try await Place.onLane.run(engine) {
          for file in files {
            // What the status of a file needs is in memory, its name too.
            _ = try await engine.status(of: file)
            let buffer = engine.makeBuffer()
            let whole = try await engine.readWhole(file, excluding: [], into: buffer, extended: true)
            #expect(whole?.byteCount == 5000)
            #expect(buffer.withBytes(5000) { $0.withUnsafeBytes { Array($0) } } == [UInt8].noise(5000))
          }
        }
        return engine.statistics.ringOperations - before
      }
      let cached = try #require(try cachedFiles(names, in: directory))
      holds = operations >= 9 && (pageCache == .auto ? cached <= 2 : cached == 10)
    }
    #expect(holds)
  }

  /// Cached files are read at once although another was not cached, and although there are empty ones between them.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func cached_files_are_read_at_once_though_another_was_not_cached(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    dropPages(of: try directory.write([UInt8].noise(5000), to: "file0"), from: 0)
    for number in 1..<10 { try directory.write([UInt8].noise(number % 2 == 0 ? 0 : 5000), to: "file\(number)") }
    guard try cachedFiles(["file0", "file1"], in: directory) == 1 else {
      try Test.cancel("nobody can tell what is cached")
    }
    let listed = try directory.reference(names: (0..<10).map { "file\($0)" })
    try await withEngine(kind, .small(bufferSize: 8192)) { engine in
      // Another process may empty the caches in between.
      var operations = UInt64.max
      for _ in 0..<10 where operations >= 20 {
        operations = try await Place.onLane.run(engine) {
          var before = engine.statistics.ringOperations
          for number in 0..<100 {
            // First the one that is not cached, and then only the others.
            let index = number == 0 ? 0 : 1 + number % 9
            let file = FileReference(in: listed, start: index * 6, count: 5, inode: 1, listedKind: .regular)
            let read = try await engine.contents(file)
            #expect(read.bytes.count == (index == 0 || index % 2 == 1 ? 5000 : 0))
            if number == 0 { before = engine.statistics.ringOperations }
          }
          return engine.statistics.ringOperations - before
        }
      }
      #expect(operations < 20)
    }
  }

  /// How many of the files have something in the page cache; nil where nobody can tell.
  private func cachedFiles(_ names: [String], in directory: TemporaryDirectory) throws -> Int? {
    var count = 0
    for name in names {
      let file = try FileDescriptor.open("\(directory.string)/\(name)", .readOnly)
      defer { try? file.close() }
      guard let bytes = cachedByteCount(of: file, in: 0..<5000) else { return nil }
      if bytes > 0 { count += 1 }
    }
    return count
  }

  /// Writes the file's pages to the disk and takes those from `offset` on out of the cache.
  private func dropPages(of path: [UInt8], from offset: Int) {
    let file = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    defer { close(file) }
    #expect(fsync(file) == 0 && posix_fadvise(file, off_t(offset), 0, POSIX_FADV_DONTNEED) == 0)
  }

  /// The kernel reads on behind what is read from the cache, and would bring all of the file into it before a slow
  /// reader comes there.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func large_file_of_which_a_little_is_cached_is_read_around_the_cache(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let size = 64 << 20
    let path = try directory.write([UInt8](repeating: 7, count: size), to: "file")
    dropPages(of: path, from: 0)
    let file = FileDescriptor(rawValue: path.withCString { open($0, O_RDONLY | O_CLOEXEC) })
    defer { try? file.close() }
    func cached() -> Int64 { cachedByteCount(of: file, in: 0..<Int64(size)) ?? 0 }
    var beginning = [UInt8](repeating: 0, count: 1 << 20)
    #expect(pread(file.rawValue, &beginning, beginning.count, 0) == beginning.count)
    let before = cached()
    if before == 0 || before > size / 4 { try Test.cancel("nobody can tell what is cached, or it is all in memory") }

    try await withEngine(kind, .small(bufferSize: 128 << 10)) { engine in
      let count = try await Place.onLane.run(engine) {
        try await FileReader(engine).readAll(FileReference(path: path)) { piece in
          // Slow enough for any disk.
          let sum = piece.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 16).reduce(0) { $0 + Int(bytes[$1]) }
          }
          #expect(sum == 7 * piece.byteCount / 16)
        }
      }
      #expect(count == Int64(size))
      #expect(engine.statistics.ringOperations >= 40)
    }
    #expect(cached() < size / 2)
  }

  /// What is cached is looked at every 16 MiB, also beyond the size that the file had when it was opened.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring, .threads])
  func large_cached_file_that_grows_is_read_to_its_new_end(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let piece = [UInt8](repeating: 7, count: 4 << 20)
    let path = try directory.write(piece, to: "file")
    let file = FileDescriptor(rawValue: path.withCString { open($0, O_WRONLY | O_APPEND | O_CLOEXEC) })
    defer { try? file.close() }
    try await withEngine(kind, .small(bufferSize: 128 << 10)) { engine in
      let count = try await Place.onLane.run(engine) {
        var pieces = 1
        return try await FileReader(engine).readAll(FileReference(path: path)) { _ in
          // Faster than it is read: there is an end only at 40 MiB.
          if pieces < 10, (try? file.writeAll(piece)) == piece.count { pieces += 1 }
        }
      }
      #expect(count == 10 * Int64(piece.count))
    }
  }

  /// Around the cache every read waits for the disk, even of a file whose name is cached.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func reads_around_the_page_cache_are_the_rings(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let count = 50
    let path = try directory.write([UInt8].noise(count * 4096), to: "file")
    let probe = path.withCString { open($0, O_RDONLY | O_CLOEXEC | directFlag) }
    if probe < 0 { try Test.cancel("the file system has no O_DIRECT") }
    close(probe)
    try await withEngine(kind, .small(pageCache: .bypass)) { engine in
      _ = try await Place.onLane.run(engine) { try await engine.contents(path) }
      let before = engine.statistics
      _ = try await Place.onLane.run(engine) { try await engine.contents(path) }
      #expect(engine.statistics.ringOperations - before.ringOperations >= UInt64(count))
    }
  }

  /// `O_DIRECT`, which Swift's C library overlay does not have.
  private var directFlag: Int32 {
    #if arch(arm64)
    0o200000
    #else
    0o40000
    #endif
  }
}
