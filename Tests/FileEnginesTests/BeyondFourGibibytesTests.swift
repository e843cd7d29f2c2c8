import FileEngines
import FileTestSupport
import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

/// Offsets that do not fit into 32 bits, in files that are nearly all hole.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct BeyondFourGibibytesTests {
  private static let limit = Int64(4) << 30
  private static let water = Array("water".utf8)

  /// A file that is as long as any can be, and all of it a hole.
  @Test(arguments: EngineUnderTest.allCases)
  func copy_of_the_longest_file_ends(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(in: "/dev/shm")
    let path = try directory.write([], to: "longest")
    if path.withCString({ truncate($0, .max) }) != 0 { try Test.cancel("/dev/shm has no such files") }
    try await withEngine(kind) { engine in
      try await engine.copyFile(from: FileReference(path: path), to: directory.reference("copy"))
    }
    var status = stat()
    #expect(directory.path("copy").withCString { stat($0, &status) } == 0 && status.st_size == .max)
  }

  /// A file of four gibibytes and fifteen bytes with the word at its start, across the limit, and at its end.
  private struct Sparse {
    static let size = limit + 15
    static let words: [Int64] = [0, limit - 2, size - 5]

    let directory: TemporaryDirectory
    let reference: FileReference

    init(in parent: String = "/tmp") throws {
      directory = try TemporaryDirectory(in: parent)
      let path = try directory.write([], to: "sparse")
      reference = FileReference(path: path)
      let file = try FileDescriptor.open(FilePath(String(decoding: path, as: UTF8.self)), .writeOnly)
      for offset in Self.words { _ = try file.writeAll(toAbsoluteOffset: offset, water) }
      try file.close()
    }

    /// Whether a piece of the file is what it has to be.
    static func holds(_ piece: RawSpan, at offset: Int64) -> Bool {
      piece.withUnsafeBytes { piece in
        var next = 0
        for word in words {
          for (index, byte) in water.enumerated() {
            let place = Int(word + Int64(index) - offset)
            guard piece.indices.contains(place) else { continue }
            if !isZero(UnsafeRawBufferPointer(rebasing: piece[next..<place])) || piece[place] != byte { return false }
            next = place + 1
          }
        }
        return isZero(UnsafeRawBufferPointer(rebasing: piece[next...]))
      }
    }

    /// By the C library, since a debug build would take minutes for all the bytes: all are as the one before them, and
    /// the first is 0.
    private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
      guard let start = bytes.baseAddress, let first = bytes.first else { return true }
      return first == 0 && memcmp(start, start + 1, bytes.count - 1) == 0
    }
  }

  /// On a tmpfs, where reading a hole takes no memory, and less time.
  @Test(
    arguments: EngineUnderTest.allCases,
    TestExpectation.isFull ? [FileEngineConfiguration.PageCacheUse.use, .bypass] : [.use])
  func whole_file_is_read(_ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse) async throws {
    let sparse = try Sparse(in: "/dev/shm")
    try await withEngine(kind, .small(bufferSize: 8 << 20, pageCache: pageCache)) { engine in
      let (count, isRight) = try await Place.onLane.run(engine) {
        var (offset, isRight) = (Int64(0), true)
        let count = try await FileReader(engine).readAll(sparse.reference) { piece in
          isRight = isRight && Sparse.holds(piece, at: offset)
          offset += Int64(piece.byteCount)
        }
        return (count, isRight)
      }
      #expect(count == Sparse.size && isRight)
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func bytes_are_read_where_they_are(_ kind: EngineUnderTest, _ place: Place) async throws {
    let sparse = try Sparse()
    try await withEngine(kind) { engine in
      try await place.run(engine) {
        let file = try await engine.open(sparse.reference)
        let buffer = IOBuffer(capacity: 4096)
        for offset in [Self.limit - 4096, Self.limit - 3, Self.limit, Self.limit + 10] {
          let count = try await engine.read(file, into: buffer, at: offset)
          #expect(count > 0 && buffer.withBytes(count) { Sparse.holds($0, at: offset) })
        }
        #expect(try await engine.read(file, into: buffer, at: Sparse.size) == 0)
        await engine.close(file)
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func bytes_are_written_where_they_belong(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    let target = directory.reference("file")
    try await withEngine(kind) { engine in
      try await place.run(engine) {
        let buffer = IOBuffer(capacity: 4096)
        buffer.withMutableBytes { $0.withUnsafeMutableBytes { $0.copyBytes(from: Self.water) } }
        let file = try await engine.openForWriting(target, .create, permissions: FilePermissions(rawValue: 0o600))
        for offset in Sparse.words { try await engine.writeAll(file, from: buffer, range: 0..<5, at: offset) }
        try await engine.setSize(file, to: Sparse.size + 100)
        try await engine.setSize(file, to: Sparse.size)
        try await engine.close(file)
        let end = try await engine.openForWriting(target, .append, permissions: FilePermissions(rawValue: 0o600))
        try await engine.appendAll(end, from: buffer, range: 0..<1)
        try await engine.close(end)
      }
      let file = try await engine.open(target)
      #expect(file.size == Sparse.size + 1)
      let buffer = IOBuffer(capacity: 4096)
      for offset in Sparse.words {
        let count = try await engine.read(file, into: buffer, at: offset)
        let begins = buffer.withBytes(count) { $0.withUnsafeBytes { Self.water.starts(with: $0.prefix(5)) } }
        #expect(count > 0 && begins)
      }
      await engine.close(file)
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func copy_has_the_same_bytes_and_holes(_ kind: EngineUnderTest, _ place: Place) async throws {
    let sparse = try Sparse()
    let target = sparse.directory.reference("target")
    try await withEngine(kind) { engine in
      let count = try await place.run(engine) { try await engine.copyFile(from: sparse.reference, to: target) }
      #expect(count == Sparse.size)
      let status = sparse.directory.status("target")
      #expect(status.st_size == off_t(Sparse.size) && status.st_blocks * 512 < 1 << 20)
      let file = try await engine.open(target)
      let buffer = IOBuffer(capacity: 4096)
      for offset in [0, 4096, Self.limit - 4096, Self.limit] {
        let count = try await engine.read(file, into: buffer, at: offset)
        #expect(count > 0 && buffer.withBytes(count) { Sparse.holds($0, at: offset) })
      }
      await engine.close(file)
    }
  }
}
