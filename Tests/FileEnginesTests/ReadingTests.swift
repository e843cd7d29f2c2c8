import FileEngines
import FileTestSupport
import Glibc
import IOUring
import SystemPackage
import Testing

/// What every engine must give, on its lanes and off them.
@Suite(.timeLimit(.minutes(5)))
struct ReadingTests {
  static let sizes = [0, 1, 4095, 4096, 4097, 5 * 4096, 5 * 4096 + 17]

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func every_size_around_the_buffer_comes_whole(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory()
    try await withEngine(kind) { engine in
      for size in Self.sizes {
        let bytes = [UInt8].noise(size, seed: UInt64(size))
        let path = try directory.write(bytes, to: "\(size)")
        let read = try await place.run(engine) { try await engine.contents(FileReference(path: path)) }
        #expect(read.bytes == bytes, "\(size) bytes")
        #expect(read.pieces.allSatisfy { $0 > 0 && $0 <= 4096 })
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_read_at_an_offset_takes_from_there_and_past_the_end_nothing(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let bytes = [UInt8].noise(10_000)
    let reference = FileReference(path: try directory.write(bytes, to: "file"))
    try await withEngine(kind) { engine in
      for place in Place.allCases {
        try await place.run(engine) {
          let buffer = IOBuffer(capacity: 4096)
          let file = try await engine.open(reference)
          for offset in [9000, 3, 4096, 0] {
            let count = try await engine.read(file, into: buffer, at: Int64(offset))
            let read = buffer.withBytes(count) { $0.withUnsafeBytes { Array($0) } }
            #expect(count > 0 && read == Array(bytes[offset..<offset + count]))
          }
          #expect(try await engine.read(file, into: buffer, at: 10_000) == 0)
          #expect(try await engine.read(file, into: buffer, at: 1_000_000) == 0)
          await engine.close(file)
        }
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func offsets_below_zero_are_refused(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory()
    let reference = FileReference(path: try directory.write([UInt8].noise(10_000), to: "file"))
    try await withEngine(kind) { engine in
      try await place.run(engine) {
        let file = try await engine.open(reference)
        for offset in [-1, -4096, Int64.min] {
          let error = try await failure { _ = try await engine.read(file, into: IOBuffer(capacity: 4096), at: offset) }
          #expect(
            error == .init(path: reference.path, operation: .read, offset: offset, cause: .system(.invalidArgument)))
        }
        #expect(try await engine.read(file, into: IOBuffer(capacity: 4096), at: 0) > 0)
        await engine.close(file)
      }
    }
  }

  /// The second of two pages of memory is there, what follows it is not: a read of both comes to grief, or comes short.
  @Test(arguments: EngineUnderTest.allCases)
  func read_that_failed_can_be_made_again(_ kind: EngineUnderTest) async throws {
    let page = 4096
    let map = try #require(mmap(nil, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { munmap(map, 2 * page) }
    memset(map, 1, page)
    memset(map + page, 2, page)
    #expect(munmap(map + 2 * page, page) == 0)
    let start = Int64(Int(bitPattern: map))
    try await withEngine(kind) { engine in
      try await Place.onLane.run(engine) {
        let file = try await engine.open(FileReference(path: "/proc/self/mem".utf8))
        let (small, large) = (IOBuffer(capacity: page), IOBuffer(capacity: 2 * page))
        _ = try await engine.read(file, into: small, at: start)
        _ = try? await engine.read(file, into: large, at: start + Int64(page))
        let count = try await engine.read(file, into: small, at: start + Int64(page))
        #expect(count > 0 && small.withBytes(count) { $0.withUnsafeBytes { $0.allSatisfy { $0 == 2 } } })
        await engine.close(file)
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func offsets_beyond_4_gibibytes_are_read(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([], to: "sparse")
    let size = Int64(4) << 30 + 5
    #expect(path.withCString { truncate($0, off_t(size)) } == 0)
    let written = try FileDescriptor.open(FilePath(String(decoding: path, as: UTF8.self)), .writeOnly)
    try written.writeAll(toAbsoluteOffset: size - 5, "water".utf8)
    try written.close()
    try await withEngine(kind, .small(bufferSize: 8 << 20)) { engine in
      // Going through all of it would take seconds: from a little before the limit of 32 bits to the end.
      let last = try await Place.onLane.run(engine) {
        let file = try await engine.open(FileReference(path: path))
        let buffer = IOBuffer(capacity: 64 << 10)
        var (offset, last) = ((Int64(4) << 30) - 100_000, [UInt8]())
        while true {
          let count = try await engine.read(file, into: buffer, at: offset)
          if count == 0 { break }
          offset += Int64(count)
          last = buffer.withBytes(count) { $0.withUnsafeBytes { Array($0.suffix(5)) } }
        }
        await engine.close(file)
        #expect(offset == size)
        return last
      }
      #expect(last == Array("water".utf8))
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func file_of_proc_without_a_size_has_contents(_ kind: EngineUnderTest, _ place: Place) async throws {
    try await withEngine(kind) { engine in
      let bytes = try await place.run(engine) { try await engine.contents(Array("/proc/self/limits".utf8)) }
      #expect(String(decoding: bytes, as: UTF8.self).contains("Max open files"))
      let version = try await place.run(engine) { try await engine.contents(Array("/proc/version".utf8)) }
      #expect(version.starts(with: Array("Linux version".utf8)))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func file_that_grows_while_it_is_read_is_read_to_its_new_end(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let bytes = [UInt8].noise(20_000)
    for pageCache in FileEngineConfiguration.PageCacheUse.allCases {
      let path = try directory.write(bytes.prefix(8192), to: "file")
      try await withEngine(kind, .small(pageCache: pageCache)) { engine in
        let read = try await Place.onLane.run(engine) {
          var read: [UInt8] = []
          try await FileReader(engine).read(FileReference(path: path)) { piece in
            if read.isEmpty { try! directory.write(bytes, to: "file") }
            piece.withUnsafeBytes { read.append(contentsOf: $0) }
          }
          return read
        }
        let isWhole = read == bytes
        #expect(isWhole, "page cache: \(pageCache), \(read.count) bytes")
      }
    }
  }

  /// Some kernels say so of what they have not read yet.
  @Test func end_that_comes_too_early_is_believed_of_the_ring_only() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write([UInt8].noise(8192), to: "file")
    try await withEngine(FileEngineKind.uring) { engine in
      try await Place.onLane.run(engine) {
        let file = try await engine.open(FileReference(path: path))
        #expect(path.withCString { truncate($0, 0) } == 0)
        let before = engine.statistics
        #expect(try await engine.read(file, into: IOBuffer(capacity: 4096), at: 0) == 0)
        #expect((engine.statistics - before).ringOperations == 1)
        await engine.close(file)
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func file_that_shrinks_while_it_is_read_ends_early(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let bytes = [UInt8].noise(20_000)
    for pageCache in FileEngineConfiguration.PageCacheUse.allCases {
      let path = try directory.write(bytes, to: "file")
      try await withEngine(kind, .small(pageCache: pageCache)) { engine in
        let read = try await Place.onLane.run(engine) {
          var read: [UInt8] = []
          try await FileReader(engine).read(FileReference(path: path)) { piece in
            if read.isEmpty { _ = path.withCString { truncate($0, 5000) } }
            piece.withUnsafeBytes { read.append(contentsOf: $0) }
          }
          return read
        }
        #expect(read == Array(bytes.prefix(5000)), "page cache: \(pageCache)")
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func file_that_is_replaced_while_it_is_open_is_read_as_it_was(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let bytes = [UInt8].noise(20_000)
    for pageCache in FileEngineConfiguration.PageCacheUse.allCases {
      let path = try directory.write(bytes, to: "file")
      let other = try directory.write([UInt8].noise(30_000, seed: 2), to: "other")
      try await withEngine(kind, .small(pageCache: pageCache)) { engine in
        let read = try await Place.onLane.run(engine) {
          var read: [UInt8] = []
          try await FileReader(engine).read(FileReference(path: path)) { piece in
            if read.isEmpty { _ = other.withCString { other in path.withCString { rename(other, $0) } } }
            piece.withUnsafeBytes { read.append(contentsOf: $0) }
          }
          return read
        }
        let isAsItWas = read == bytes
        #expect(isAsItWas, "page cache: \(pageCache)")
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func names_of_any_bytes_are_opened(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory()
    let single = (1...255).map { UInt8($0) }.filter { $0 != UInt8(ascii: "/") }
    // A lone dot is the directory itself.
    let names = single.map { [$0] }.filter { $0 != [UInt8(ascii: ".")] } + [[0xC3, 0x28, 0xFF], single]
    for name in names { try directory.write(name, to: name) }
    try await withEngine(kind) { engine in
      let read = try await place.run(engine) {
        var read: [[UInt8]] = []
        for name in names { read.append(try await engine.contents(directory.path(name))) }
        return read
      }
      #expect(read == names)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func listed_file_is_opened_by_its_name_in_its_directory(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    let names: [[UInt8]] = [Array("plain".utf8), [0xFF, 0xFE]]
    for name in names { try directory.write(name, to: name) }
    let place = try directory.reference(names: names)
    try await withEngine(kind) { engine in
      let read = try await Place.onLane.run(engine) {
        [
          try await engine.contents(FileReference(in: place, start: 0, count: 5, inode: 7)).bytes,
          try await engine.contents(FileReference(in: place, start: 6, count: 2, inode: 8)).bytes,
        ]
      }
      #expect(read == names)
    }
    // The directory's own.
    #expect(directory.openDescriptors == 1)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func symbolic_link_to_a_file_is_followed(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory()
    try directory.write("there".utf8, to: "file")
    let link = try directory.makeLink("link", to: "file")
    try await withEngine(kind) { engine in
      let bytes = try await Place.onLane.run(engine) { try await engine.contents(link) }
      #expect(bytes == Array("there".utf8))
    }
  }
}
