import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import Testing

@Suite(.timeLimit(.minutes(5)))
struct NoSpaceTests {
  @Test(arguments: FileEngineKind.allCases, Temporary.allCases)
  func full_file_system_is_a_clear_error(_ kind: FileEngineKind, _ temporary: Temporary) async throws {
    let small = try await SmallFileSystem()
    defer { small.end() }
    let (directory, outside) = (try TemporaryDirectory(in: small.path), try TemporaryDirectory())
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
      // The space is free again.
      try await engine.writeFile(at: target, contents: .noise(900_000), options: temporary.options())
      #expect(directory.status("file").st_size == 900_000)
    }
  }
}

/// A tmpfs of one megabyte, in the mount namespace of a child process and seen through /proc: it goes with the child.
private struct SmallFileSystem {
  let path: String
  private let child: ChildProcess

  init() async throws {
    if getuid() != 0 { try Test.cancel("only root may mount a small file system") }
    let script = "mount -t tmpfs -o size=1m none /mnt && echo ready && exec sleep 60"
    child = try ChildProcess(["/usr/bin/env", "unshare", "--mount", "sh", "-c", script].map { Array($0.utf8) })
    path = "/proc/\(child.identifier)/root/mnt"
    await child.waitForOutput(lines: 1)
    if child.hasEnded { try Test.cancel("a small file system cannot be mounted here") }
  }

  func end() {
    child.send(SIGKILL)
  }
}
