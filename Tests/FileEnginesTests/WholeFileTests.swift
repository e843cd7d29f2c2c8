import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// Files that are read whole, with what they have beside their contents.
@Suite(.inTurn, .timeLimit(.minutes(2)))
struct WholeFileTests {
  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func small_file_comes_with_its_attributes(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    for size in [0, 1, 4096, 5000] {
      try directory.write([UInt8].noise(size, seed: UInt64(size)), to: "\(size)")
      #expect(chmod("\(directory.string)/\(size)", mode_t(0o640)) == 0)
      let file = try FileDescriptor.open("\(directory.string)/\(size)", .readOnly)
      #expect(Attributed.file(file).set(Array("user.size".utf8CString), to: Array("abc".utf8)) == 0)
      try file.close()
    }
    try await withEngine(kind, .small(bufferSize: 8192)) { engine in
      try await place.run(engine) {
        for size in [0, 1, 4096, 5000] {
          // Cached, and as the first one to open it.
          for extended in [true, false] {
            let buffer = engine.makeBuffer()
            let file = FileReference(path: directory.path("\(size)"))
            let whole = try await engine.readWhole(file, excluding: [], into: buffer, extended: extended)
            // A read that brings less than it could does not tell that this is all.
            if case .simulated = kind, whole == nil { continue }
            let found = try #require(whole, "\(size) bytes")
            #expect(found.byteCount == size)
            let bytes = buffer.withBytes(size) { bytes in bytes.withUnsafeBytes { Array($0) } }
            #expect(bytes == [UInt8].noise(size, seed: UInt64(size)))
            #expect(found.attributes.permissions == FilePermissions(rawValue: 0o640))
            #expect(found.attributes.owner?.user == getuid())
            #expect(found.attributes.extended?.map(\.value) == (extended ? [Array("abc".utf8)] : nil))
            var status = stat()
            #expect(stat("\(directory.string)/\(size)", &status) == 0)
            #expect(
              found.attributes.times?.modified == .seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec)
            )
          }
        }
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: EngineUnderTest.allCases)
  func what_does_not_fit_or_has_no_size_is_not_whole(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    var configuration = FileEngineConfiguration.small
    configuration.bufferSize = 8192
    try directory.write([UInt8](repeating: 1, count: 8192), to: "full")
    try directory.write([UInt8](repeating: 1, count: 100_000), to: "large")
    try await withEngine(kind, configuration) { engine in
      for path in [directory.path("full"), directory.path("large"), Array("/proc/self/maps".utf8)] {
        let file = FileReference(path: path)
        let whole = try await engine.readWhole(file, excluding: [], into: engine.makeBuffer(), extended: false)
        #expect(whole == nil, "\(file)")
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func excluded_and_missing_files_are_errors(_ kind: EngineUnderTest, _ place: Place) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1], to: "file")
    try await withEngine(kind) { engine in
      try await place.run(engine) {
        let file = FileReference(path: directory.path("file"))
        let identity = try file.identity()
        let excluded = try await failure {
          _ = try await engine.readWhole(file, excluding: [identity], into: engine.makeBuffer(), extended: true)
        }
        #expect(excluded.cause == .excluded)
        let missing = try await failure {
          _ = try await engine.readWhole(
            FileReference(path: directory.path("none")), excluding: [], into: engine.makeBuffer(), extended: true)
        }
        #expect(
          missing == FileError(path: directory.path("none"), operation: .open, cause: .system(.noSuchFileOrDirectory)))
      }
    }
    #expect(directory.openDescriptors == 0)
  }
}
