import FileEngines
import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Files that become others while they are read: a few buffers long, or long enough that the ring's engine reads ahead.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ChangingFileTests {
  typealias PageCacheUse = FileEngineConfiguration.PageCacheUse

  static let sizes = [20_000, 9_000_000]

  /// What is read of a file when `change` is called at its first bytes.
  private func read(
    _ path: [UInt8], by kind: EngineUnderTest, _ pageCache: PageCacheUse,
    _ change: @escaping @Sendable () throws -> Void
  ) async throws -> [UInt8] {
    try await withEngine(kind, .small(pageCache: pageCache)) { engine in
      try await Place.onLane.run(engine) {
        var (read, result) = ([UInt8](), Result<Void, any Error>.success(()))
        try await FileReader(engine).readAll(FileReference(path: path)) { piece in
          if read.isEmpty { result = Result { try change() } }
          piece.withUnsafeBytes { read.append(contentsOf: $0) }
        }
        try result.get()
        return read
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases, sizes)
  func file_that_grows_is_read_to_its_new_end(_ kind: EngineUnderTest, _ size: Int) async throws {
    let directory = try TemporaryDirectory(.disk)
    let bytes = [UInt8].noise(size)
    for pageCache in PageCacheUse.allCases {
      let path = try directory.write(bytes.prefix(size / 2 / 4096 * 4096), to: "file")
      let read = try await read(path, by: kind, pageCache) { try directory.write(bytes, to: "file") }
      let isWhole = read == bytes
      #expect(isWhole, "page cache: \(pageCache), \(read.count) bytes")
    }
  }

  @Test(arguments: EngineUnderTest.allCases, sizes)
  func file_that_shrinks_ends_early(_ kind: EngineUnderTest, _ size: Int) async throws {
    let directory = try TemporaryDirectory(.disk)
    let bytes = [UInt8].noise(size)
    let rest = size / 4
    for pageCache in PageCacheUse.allCases {
      let path = try directory.write(bytes, to: "file")
      let read = try await read(path, by: kind, pageCache) { _ = path.withCString { truncate($0, off_t(rest)) } }
      // What was read ahead, or is in the first piece, was there.
      let isItsStart = read == Array(bytes.prefix(read.count))
      #expect(isItsStart && read.count >= rest && read.count < size, "page cache: \(pageCache), \(read.count) bytes")
    }
  }

  @Test(arguments: EngineUnderTest.allCases, sizes)
  func file_that_is_replaced_is_read_as_it_was(_ kind: EngineUnderTest, _ size: Int) async throws {
    let directory = try TemporaryDirectory(.disk)
    let bytes = [UInt8].noise(size)
    for pageCache in PageCacheUse.allCases {
      let path = try directory.write(bytes, to: "file")
      let other = try directory.write([UInt8].noise(size + 10_000, seed: 2), to: "other")
      let read = try await read(path, by: kind, pageCache) {
        _ = other.withCString { other in path.withCString { rename(other, $0) } }
      }
      let isAsItWas = read == bytes
      #expect(isAsItWas, "page cache: \(pageCache)")
    }
  }
}
