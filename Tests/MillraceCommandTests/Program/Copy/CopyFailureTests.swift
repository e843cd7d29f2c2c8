import Glibc
import TestTurns
import Testing

/// A copy that cannot be made, in whole or in part: one line for each failure, the documented status, and no hidden
/// file.
@Suite(.inTurn) struct CopyFailureTests {
  private func makeTree() async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let made = try await directory.shell(
      """
      mkdir -p a/d && echo f > a/f && echo g > a/d/g && mkdir t
      head -c 300000 /dev/zero | tee a/large a/larger > a/largest
      """)
    try #require(made.status == 0)
    return directory
  }

  private func hiddenNames(_ directory: TemporaryDirectory) async throws -> String {
    try await directory.shell("find . -name '.millrace-*'").outputText
  }

  @Test(.enabled(if: geteuid() == 0, "needs root for a file system of its own"), arguments: everyEngine)
  func a_full_disk(engine: String) async throws {
    try requireEngine(engine)
    let directory = try await makeTree()
    if try await directory.shell("mount -t tmpfs -o size=64k none t").status != 0 {
      try Test.cancel("no tmpfs can be mounted")
    }
    // The small files first: beside the large ones they may find no room either.
    #expect(try await Millrace.run("copy", "--engine", engine, "a/f", "a/d", "t", in: directory).status == 0)
    let outcome = try await Millrace.run("copy", "--engine", engine, "a/", "t", in: directory)
    let (hidden, small) = (try await hiddenNames(directory), try await directory.shell("cat t/f t/d/g").outputText)
    #expect(try await directory.shell("umount t").status == 0)
    #expect(outcome.status == 1)
    // One line for all files.
    #expect(outcome.errorLines.count == 1 && outcome.errorText.hasPrefix("millrace: t/large"))
    #expect(outcome.errorText.hasSuffix(": No space left on device, and 2 more\n"))
    #expect(hidden == "" && small == "f\ng\n")
  }

  @Test(.enabled(if: geteuid() == 0, "needs root for a file system of its own"))
  func a_file_system_that_is_read_only() async throws {
    let directory = try await makeTree()
    if try await directory.shell("mount -t tmpfs -o ro none t").status != 0 {
      try Test.cancel("no tmpfs can be mounted")
    }
    let inside = try await Millrace.run("copy", "a/", "t/new", in: directory)
    let itself = try await Millrace.run("copy", "a/f", "t", in: directory)
    #expect(try await directory.shell("umount t").status == 0)
    #expect(inside.status == 2)
    #expect(inside.errorLines == ["millrace: t/new: open: Read-only file system"])
    #expect(itself.status == 1)
    #expect(itself.errorLines == ["millrace: t/f: create: Read-only file system"])
  }

  @Test(.needsPermissionsToCount) func a_target_without_permission() async throws {
    let directory = try await makeTree()
    #expect(try await directory.shell("chmod 555 t").status == 0)
    let outcome = try await Unprivileged.shell("$MILLRACE copy a/f t", in: directory)
    #expect(outcome.status == 1)
    #expect(outcome.errorLines == ["millrace: t/f: create: Permission denied"])
    #expect(try await hiddenNames(directory) == "")
  }

  @Test(.needsPermissionsToCount) func a_source_without_permission() async throws {
    let directory = try await makeTree()
    #expect(try await directory.shell("chmod 0 a/d a/f").status == 0)
    let outcome = try await Unprivileged.shell("$MILLRACE copy a/ t", in: directory)
    #expect(try await directory.shell("chmod 755 a/d").status == 0)
    #expect(outcome.status == 1)
    #expect(
      outcome.errorLines == [
        "millrace: a/d: list: Permission denied", "millrace: a/f: open: Permission denied",
      ])
    #expect(try directory.read("t/large").count == 300_000)
  }

  @Test func a_target_that_is_a_file() async throws {
    let directory = try await makeTree()
    for target in ["a/f", "a/f/x"] {
      let outcome = try await Millrace.run("copy", "a/d", target, in: directory)
      #expect(outcome.status == 2 && outcome.errorLines.count == 1)
      #expect(outcome.errorText.hasSuffix(": Not a directory\n"))
    }
    #expect(try directory.read("a/f") == bytes("f\n"))
  }

  /// As with all commands, the shell sees the signal.
  @Test func an_output_that_nothing_reads() async throws {
    let directory = try TemporaryDirectory()
    #expect(try await directory.shell("mkdir a && cd a && seq 3000 | xargs touch").status == 0)
    let child = try Millrace.start(
      ["copy", "--json", "a", "b"].map(bytes), in: directory, closingOutputAfter: 10)
    let outcome = try await child.outcome()
    #expect(outcome.signal == SIGPIPE || outcome.status == 128 + SIGPIPE)
    #expect(try await hiddenNames(directory) == "")
    let again = try await Millrace.run("copy", "a/", "b", in: directory)
    #expect(again.status == 0 && again.errorText == "")
  }

  /// Ctrl-C while it writes: existing targets are complete. The last file would take minutes.
  @Test(arguments: everyEngine) func an_interruption(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    let made = try await directory.shell(
      "mkdir a && cd a && seq 300 | split -l 1 && truncate -s 64G y && printf x >> y")
    #expect(made.status == 0)
    let child = try Millrace.start(
      ["copy", "--engine", engine, "--json", "--manifest", "sums", "a", "b"].map(bytes), in: directory)
    await child.waitForOutput(lines: 1)
    child.send(SIGINT)
    let outcome = try await child.outcome()
    #expect(outcome.signal == SIGINT && outcome.errorLines == ["millrace: interrupted"])
    #expect(try await hiddenNames(directory) == "")
    #expect(try await directory.shell("ls sums b/y 2>/dev/null; find b -empty").outputText == "")
  }
}
