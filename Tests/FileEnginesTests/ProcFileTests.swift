import FileEngines
import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Files of /proc: their size is 0, they have contents all the same, and no `O_DIRECT`.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ProcFileTests {
  @Test(arguments: EngineUnderTest.allCases, FileEngineConfiguration.PageCacheUse.allCases)
  func small_file_has_its_contents(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse
  ) async throws {
    try await withEngine(kind, .small(pageCache: pageCache)) { engine in
      for place in Place.allCases {
        let limits = try await place.run(engine) { try await engine.contents(Array("/proc/self/limits".utf8)) }
        #expect(String(decoding: limits, as: UTF8.self).contains("Max open files"))
        let version = try await place.run(engine) { try await engine.contents(Array("/proc/version".utf8)) }
        #expect(version.starts(with: Array("Linux version".utf8)))
      }
    }
  }

  /// The arguments of a process, which are as long as one likes.
  @Test(arguments: EngineUnderTest.allCases, FileEngineConfiguration.PageCacheUse.allCases)
  func file_of_several_buffers_comes_whole(
    _ kind: EngineUnderTest, _ pageCache: FileEngineConfiguration.PageCacheUse
  ) async throws {
    let arguments = ["/bin/sh", "-c", "echo ready; kill -STOP $$", String(repeating: "water ", count: 3000)]
    let child = try ChildProcess(arguments.map { Array($0.utf8) })
    defer { child.send(SIGKILL) }
    // Before it runs it has no arguments.
    await child.waitForOutput(lines: 1)
    let path = Array("/proc/\(child.identifier)/cmdline".utf8)
    let expected: [UInt8] = arguments.flatMap { Array($0.utf8) + [0] }
    try await withEngine(kind, .small(pageCache: pageCache)) { engine in
      for place in Place.allCases {
        let (bytes, pieces) = try await place.run(engine) { try await engine.contents(FileReference(path: path)) }
        let isWhole = bytes == expected
        #expect(isWhole && pieces.count >= 5, "\(place), \(bytes.count) bytes")
      }
    }
  }
}
