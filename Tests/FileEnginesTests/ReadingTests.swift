import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// What every engine must give, on its lanes and off them.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ReadingTests {
  static let sizes = [0, 1, 4095, 4096, 4097, 5 * 4096, 5 * 4096 + 17]

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func every_size_around_the_buffer_comes_whole(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
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
    let directory = try TemporaryDirectory(.disk)
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
  func names_of_any_bytes_are_opened(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
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
    let directory = try TemporaryDirectory(.disk)
    let names: [[UInt8]] = [Array("plain".utf8), [0xFF, 0xFE]]
    for name in names { try directory.write(name, to: name) }
    let place = try directory.reference(names: names)
    try await withEngine(kind) { engine in
      let read = try await Place.onLane.run(engine) {
        [
          try await engine.contents(FileReference(in: place, start: 0, count: 5, inode: 7, listedKind: .regular)).bytes,
          try await engine.contents(FileReference(in: place, start: 6, count: 2, inode: 8, listedKind: .regular)).bytes,
        ]
      }
      #expect(read == names)
    }
    // The directory's own.
    #expect(directory.openDescriptors == 1)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func symbolic_link_to_a_file_is_followed(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write("there".utf8, to: "file")
    let link = try directory.makeLink("link", to: "file")
    try await withEngine(kind) { engine in
      let bytes = try await Place.onLane.run(engine) { try await engine.contents(link) }
      #expect(bytes == Array("there".utf8))
    }
  }
}
