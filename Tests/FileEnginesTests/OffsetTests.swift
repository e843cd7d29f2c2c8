import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// Reads at offsets of the caller's choice, where something is wrong with them.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct OffsetTests {
  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func offsets_below_zero_are_refused(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
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

  /// Some kernels say so of what they have not read yet.
  @Test func end_that_comes_too_early_is_believed_of_the_ring_only() async throws {
    let directory = try TemporaryDirectory(.disk)
    let path = try directory.write([UInt8].noise(8192), to: "file")
    try await withEngine(.uring) { engine in
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
}
