import FilePipeline
import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Two names of the source are one in the target, as on a case-insensitive file system. Here one directory is mounted
/// at two paths.
@Suite(
  .inTurn, .timeLimit(.minutes(5)), .enabled(if: geteuid() == 0, "needs root for mounts"))
struct CopyCollisionTests {
  private let source: TemporaryDirectory
  private let target: TemporaryDirectory

  init() throws {
    (source, target) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    for name in ["a", "b"] {
      try source.makeDirectory(name)
      try source.write("\(name) and its own".utf8, to: "\(name)/f")
      try target.makeDirectory(name)
    }
  }

  private func shell(_ script: String) async throws -> String {
    let outcome = try await ChildProcess(["/bin/sh", "-c", script].map { Array($0.utf8) }, in: nil).outcome()
    return String(decoding: outcome.output + outcome.errors, as: UTF8.self)
  }

  @Test(arguments: EngineUnderTest.allCases, [false, true])
  func one_of_them_fails(_ kind: EngineUnderTest, isThere: Bool) async throws {
    if isThere { try target.write("old".utf8, to: "a/f") }
    let mounted = try await shell("mount --bind '\(target.string)/a' '\(target.string)/b'")
    if mounted != "" { try Test.cancel("nothing can be mounted: \(mounted)") }
    do {
      try await withEngine(kind) { engine in
        let files = FilePipeline.files(under: FilePath(source.string), .copying, engine: .engine(engine))
        let results = try await files.copy(to: FilePath(target.string)).collect()
        let failures = results.compactMap(\.failure)
        #expect(failures.count >= 1)
        #expect(failures.allSatisfy { $0.cause == .nameTaken || $0.cause == .system(.fileExists) })
      }
    } catch {
      _ = try await shell("umount '\(target.string)/b'")
      throw error
    }
    #expect(try await shell("umount '\(target.string)/b'") == "")
  }
}
