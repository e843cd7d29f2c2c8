import FileEngines
import FileTestSupport
import Glibc
import TestTurns
import Testing

/// A body that ends the reading of a file early, by its answer or by throwing.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ByteDemandTests {
  private static let size = 10 << 20
  private static let bufferSize = 128 << 10

  /// A small file, which the engine of rings reads by a path of its own, and a large one, cached and on the disk.
  private enum Size: String, CaseIterable, Codable {
    case small, large

    var bytes: Int { self == .small ? 100 : ByteDemandTests.size }
  }

  private struct Broken: Error, CustomStringConvertible {
    let description = "broken"
  }

  private struct Reading: Sendable {
    var pieces: [Int] = []
    var result: Result<Int64, FileError> = .success(0)
  }

  /// Reads the file, as `body` says after each piece, of which it gets the number.
  private func read(
    _ path: [UInt8], _ engine: any FileEngine, _ place: Place, _ body: @escaping @Sendable (Int) throws -> ByteDemand
  ) async throws -> Reading {
    try await place.run(engine) {
      var reading = Reading()
      do throws(FileError) {
        let count = try await FileReader(engine).read(FileReference(path: path)) { piece in
          reading.pieces.append(piece.byteCount)
          return try body(reading.pieces.count)
        }
        reading.result = .success(count)
      } catch {
        reading.result = .failure(error)
      }
      return reading
    }
  }

  /// Reads a file of each size with each engine configuration, and checks that nothing is left open or in flight.
  private func forEachWay(
    _ kind: EngineUnderTest, _ body: (_ path: [UInt8], _ size: Int, any FileEngine, Place) async throws -> Void
  ) async throws {
    let directory = try TemporaryDirectory(.disk)
    for size in Size.allCases {
      let path = try directory.write([UInt8].noise(size.bytes), to: size.rawValue)
      for pageCache in [FileEngineConfiguration.PageCacheUse.use, .bypass] {
        try await withEngine(kind, .small(bufferSize: Self.bufferSize, pageCache: pageCache)) { engine in
          for place in Place.allCases {
            try await body(path, size.bytes, engine, place)
            #expect(directory.openDescriptors == 0, "\(size) \(pageCache) \(place)")
            // The engine, and what it reads ahead with, is as good as before.
            let isWhole = try await place.run(engine) { try await engine.contents(path).count } == size.bytes
            #expect(isWhole, "\(size) \(pageCache) \(place)")
          }
        }
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func enough_after_the_first_piece_reads_no_other(_ kind: EngineUnderTest) async throws {
    try await forEachWay(kind) { path, size, engine, place in
      let before = engine.statistics
      let reading = try await read(path, engine, place) { _ in .enough }
      #expect(reading.pieces.count == 1)
      #expect(reading.result == .success(Int64(reading.pieces[0])))
      // What is read ahead by then: far from all of the file by a buffer's size.
      #expect((engine.statistics - before).ringOperations <= 20)
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func enough_after_some_pieces_returns_what_they_had(_ kind: EngineUnderTest) async throws {
    try await forEachWay(kind) { path, size, engine, place in
      let reading = try await read(path, engine, place) { $0 == 5 ? .enough : .more }
      #expect(reading.pieces.count == (size == Self.size ? 5 : reading.pieces.count))
      #expect(reading.result == .success(Int64(reading.pieces.reduce(0, +))))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_the_body_throws_ends_the_reading_and_has_the_place(_ kind: EngineUnderTest) async throws {
    try await forEachWay(kind) { path, size, engine, place in
      let last = size == Self.size ? 3 : 1
      let reading = try await read(path, engine, place) { number in
        if number == last { throw Broken() }
        return .more
      }
      // The simulated engine may take several pieces for a small file.
      #expect(reading.pieces.count == last)
      let offset = Int64(reading.pieces.dropLast().reduce(0, +))
      let expected = FileError(
        path: path, operation: .process, offset: offset, cause: .processing(ProcessingError(Broken())))
      #expect(reading.result == .failure(expected))
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func file_error_of_the_body_passes_unchanged_and_a_cancellation_as_one(_ kind: EngineUnderTest) async throws {
    try await forEachWay(kind) { path, size, engine, place in
      let own = FileError(path: Array("other".utf8), operation: .write, offset: 7, cause: .system(.noSpace))
      let failing = try await read(path, engine, place) { _ in throw own }
      #expect(failing.result == .failure(own) && failing.pieces.count == 1)
      let cancelled = try await read(path, engine, place) { _ in throw CancellationError() }
      let expected = FileError(path: path, operation: .process, offset: 0, cause: .cancelled)
      #expect(cancelled.result == .failure(expected) && cancelled.pieces.count == 1)
    }
  }

  @Test func error_says_what_the_body_threw() {
    let error = FileError(
      path: Array("a".utf8), operation: .process, offset: 3, cause: .processing(ProcessingError(Broken())))
    #expect("\(error)" == "a: process at offset 3: broken")
    #expect(error.reason == "broken" && !error.isCancellation)
  }
}
