import FileTestSupport
import Glibc
import TestTurns
import Testing

/// The command on a file system whose daemon reports wrong sizes, hangs or fails.
@Suite(.inTurn, .needsFaultFileSystem)
struct SlowFileSystemTests {
  /// As on rclone, sshfs and lxcfs: files of unknown size that are opened for direct I/O. The digest of no bytes would
  /// be wrong.
  @Test(arguments: ["auto", "threads", "blocking"])
  func file_of_unknown_size_is_hashed_and_checked_whole(_ engine: String) async throws {
    try await withFaultFileSystem(["unknown 6000 fdirect,sizelie=0"]) { mounted in
      let directory = try TemporaryDirectory()
      try directory.write(FaultFileSystem.contents("unknown", size: 6000), to: bytes("unknown"))
      try directory.write([], to: bytes("empty"))
      // The reference: the blocking engine, on a disk.
      let manifest = try await Millrace.run("hash", "--engine", "blocking", "unknown", in: directory).output
      let digestOfNothing = try await Millrace.run("hash", "--engine", "blocking", "empty", in: directory).outputText
      try directory.write(manifest, to: bytes("right"))
      try directory.write(bytes(digestOfNothing.replacing("empty", with: "unknown")), to: bytes("wrong"))

      func hash(_ arguments: String) async throws -> ChildProcess.Outcome {
        let line = "cd '\(mounted.string)' && exec \"$MILLRACE\" hash --engine \(engine) \(arguments)"
        return try await Millrace.shell(line, in: directory)
      }
      let hashed = try await hash("unknown")
      #expect(hashed.output == manifest && hashed.status == 0)
      let checked = try await hash("--check \"$OLDPWD/right\"")
      #expect(checked.outputText == "unknown: OK\n" && checked.status == 0)
      let refuted = try await hash("--check \"$OLDPWD/wrong\"")
      #expect(refuted.outputText == "unknown: FAILED\n" && refuted.status == 1)
    }
  }

  /// More files than threads.
  @Test(arguments: ["auto", "threads"], ["openhang", "readhang", "flushhang"])
  func files_before_those_that_hang_come_and_control_c_ends_the_run(
    _ engine: String, _ behaviour: String
  ) async throws {
    let layout = (100..<200).map { "d/a\($0) 100" } + (100..<300).map { "d/b\($0) 100 fdirect,\(behaviour)" }
    try await withFaultFileSystem(layout) { mounted in
      let child = try Millrace.start("hash", "--engine", engine, mounted.string)
      await child.waitForOutput(lines: 100)
      child.send(SIGINT)
      let outcome = try await child.outcome()
      #expect(outcome.status == 130)
      #expect(outcome.outputLines.count == 100)
    }
  }

  @Test(arguments: ["auto", "threads"], ["openhang", "readhang", "flushhang"])
  func control_c_ends_a_run_whose_files_hang(_ engine: String, _ behaviour: String) async throws {
    let names = (0..<40).map { "hanging\($0)" }
    try await withFaultFileSystem(names.map { "d/\($0) 100 fdirect,\(behaviour)" }) { mounted in
      let child = try Millrace.start("hash", "--engine", engine, mounted.string)
      try await mounted.wait(forWaiting: names.count)
      child.send(SIGINT)
      let outcome = try await child.outcome()
      #expect(outcome.status == 130)
      #expect(outcome.errorLines.last == "millrace: interrupted")
    }
  }
}
