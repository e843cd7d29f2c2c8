import FileTestSupport
import TestTurns
import Testing

/// Paths longer than `PATH_MAX`, and lines longer than a path: the output of a walk can be read back.
@Suite(.inTurn) struct LongPathTests {
  /// Paths of 10 bytes, and of 20 to 80 kB.
  private let tree: DeepTree

  init() throws {
    tree = try DeepTree(levels: 320, nameLength: 250, fileEvery: 80)
  }

  private func shell(_ script: String) async throws -> ChildProcess.Outcome {
    try await ChildProcess(
      ["/bin/sh", "-c", "cd \(tree.directory.string); \(script)"].map(bytes), in: nil,
      environment: ["MILLRACE=\(Millrace.path)"]
    ).outcome()
  }

  @Test(arguments: everyEngine)
  func a_manifest_of_a_deep_tree_verifies(engine: String) async throws {
    try requireEngine(engine)
    let outcome = try await shell(
      "$MILLRACE hash . > manifest; MILLRACE_ENGINE=\(engine) $MILLRACE hash --check manifest | grep -c ': OK$'")
    #expect(outcome.outputText == "5\n")
    #expect(outcome.errorText == "millrace: ./manifest: skipped: standard output is written to it\n")
  }

  @Test(arguments: everyEngine)
  func a_list_of_a_deep_tree_is_read(engine: String) async throws {
    try requireEngine(engine)
    let outcome = try await shell(
      """
      export MILLRACE_ENGINE=\(engine); $MILLRACE hash . > manifest; cut -c 67- manifest | \
      $MILLRACE hash --files-from - | cmp - manifest
      """)
    #expect(outcome.outputText == "")
    #expect(outcome.status == 0)
  }

  /// An argument of that length is a file, a directory, a list and a manifest. (The kernel takes arguments up to 128
  /// KiB.)
  @Test func arguments_may_be_as_long() async throws {
    let outcome = try await shell(
      """
      $MILLRACE hash . > manifest; file=$(tail -n 1 manifest | cut -c 67-); directory=${file%/0}
      hash() { $MILLRACE hash "$@" | cut -c -64; }
      hash "$file"; hash "$directory"; hash --files-from "$file"
      $MILLRACE hash --check "$file"
      """)
    let digits = outcome.outputLines
    #expect(digits.count == 2)
    #expect(Set(digits).count == 1)
    // The file contains "320": as a list it names a missing file, as a manifest it has no checksum.
    #expect(outcome.errorLines.contains("millrace: 320: open: No such file or directory"))
    #expect(outcome.errorLines.contains { $0.hasSuffix(": no properly formatted checksum lines found") })
    #expect(outcome.status == 1)
  }
}
