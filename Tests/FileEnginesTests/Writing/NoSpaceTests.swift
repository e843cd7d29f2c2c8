import FileEngines
import FileTestSupport
import Glibc
import IOUring
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct NoSpaceTests {
  @Test(arguments: EngineUnderTest.allCases, Temporary.allCases)
  func full_file_system_is_a_clear_error(_ kind: EngineUnderTest, _ temporary: Temporary) async throws {
    let small = try await MountedFileSystem("tmpfs", options: "size=1m")
    defer { small.end() }
    let (directory, outside) = (try TemporaryDirectory(in: small.path), try TemporaryDirectory(.disk))
    try directory.write([1, 2, 3], to: "file")
    try outside.write([UInt8].noise(2 << 20), to: "large")
    let target = directory.reference("file")
    try await withEngine(kind) { engine in
      let pieces = try await failure {
        try await engine.writeFile(at: target, options: temporary.options()) { writer in
          // A body that does not care: the file is not published all the same.
          for _ in 0..<1000 { try? await writer.write(.noise(4096)) }
        }
      }
      #expect(pieces.operation == .write && pieces.cause == .system(.noSpace) && pieces.path == target.path)
      #expect(pieces.offset.map { $0 > 500_000 && $0 <= 1 << 20 } == true)
      #expect(pieces.reason == "No space left on device")
      let whole = try await failure {
        try await engine.writeFile(at: target, contents: .noise(2 << 20), options: temporary.options())
      }
      #expect(whole.operation == .write && whole.cause == .system(.noSpace))
      let copy = try await failure {
        try await engine.copyFile(from: outside.reference("large"), to: target, options: temporary.copyOptions())
      }
      #expect(copy.cause == .system(.noSpace) && copy.path == target.path)
      #expect(directory.listing == ["file"])
      #expect(try directory.bytes("file") == [1, 2, 3])
      #expect(directory.openDescriptors == 0)
      // The space is free again. The kernel may let go of a ring's file just after it has completed the operation.
      for _ in 0..<100_000 where small.freeBytes < 950_000 { await Task.yield() }
      try await engine.writeFile(at: target, contents: .noise(900_000), options: temporary.options())
      #expect(directory.status("file").st_size == 900_000)
    }
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func writes_in_place_fail_where_the_space_ends(_ kind: EngineUnderTest, _ place: Place) async throws {
    let small = try await MountedFileSystem("tmpfs", options: "size=1m")
    defer { small.end() }
    let directory = try TemporaryDirectory(in: small.path)
    let target = directory.reference("file")
    let permissions = FilePermissions(rawValue: 0o600)
    try await withEngine(kind) { engine in
      for mode in [WritingMode.create, .append] {
        let (written, error) = try await place.run(engine) {
          let buffer = IOBuffer(capacity: 64 << 10)
          buffer.withMutableBytes { _ in }
          let file = try await engine.openForWriting(target, mode, permissions: permissions)
          try await engine.setSize(file, to: 0)
          var written = 0
          let error = try await failure {
            while true {
              written +=
                mode == .append
                ? try await engine.append(file, from: buffer, range: 0..<buffer.capacity)
                : try await engine.write(file, from: buffer, range: 0..<buffer.capacity, at: Int64(written))
            }
          }
          try await engine.close(file)
          return (written, error)
        }
        #expect(error.operation == .write && error.cause == .system(.noSpace) && error.path == target.path)
        #expect(error.offset == (mode == .append ? nil : Int64(written)))
        #expect(written > 500_000 && written <= 1 << 20)
      }
      #expect(directory.openDescriptors == 0)
    }
  }
}
