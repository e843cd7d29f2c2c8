import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Copies that are killed: each target is absent, old or complete, and the next run completes the copy and leaves no
/// hidden files.
@Suite(.inTurn, .timeLimit(.minutes(10)))
struct CopyKillTests {
  private let tree: TemporaryDirectory
  private let out: TemporaryDirectory
  private let compare = "rsync -naHAXS --checksum --delete --itemize-changes"

  init() async throws {
    (tree, out) = (try TemporaryDirectory(), try TemporaryDirectory())
    let outcome = try await tree.shell(
      """
      for d in a b c d; do mkdir $d; for f in 1 2 3 4 5 6 7 8 9; do head -c $((f * f * 700)) /dev/urandom > $d/$f; done
      ln -s $d $d/link; ln $d/1 $d/hard; mkfifo $d/pipe; done; chmod 4755 a/2; chmod 555 b; chmod 400 c/3
      head -c 3000000 /dev/urandom > large
      """)
    try #require(outcome.status == 0)
  }

  private func hiddenNames() async throws -> [[UInt8]] {
    try await out.shell("find new -name '.millrace-*'").outputLines
  }

  private func finishes() async throws {
    let last = try await Millrace.run("copy", tree.path + "/", "new", in: out)
    #expect(last.status == 0 && last.errorText == "")
    #expect(try await hiddenNames() == [])
    #expect(try await out.shell("\(compare) \(tree.path)/ new/").outputText == "")
  }

  /// Killed when every file is complete under a hidden name.
  @Test(
    .needsStrace, .enabled(if: access("/usr/bin/rsync", X_OK) == 0, "needs rsync(1)"), arguments: ["auto", "calls"])
  func killed_before_a_renaming(writes: String) async throws {
    _ = try await Millrace.run("copy", tree.path + "/", "new", in: out)
    for call in ["renameat", "renameat2"] {
      _ = try await InjectedErrors.shell(
        "$MILLRACE copy --engine threads --writes \(writes) --overwrite always \(tree.path)/ new",
        "\(call):signal=KILL:when=1", in: out)
    }
    #expect(try await !hiddenNames().isEmpty)
    try await finishes()
  }

  @Test(.enabled(if: access("/usr/bin/rsync", X_OK) == 0, "needs rsync(1)"), arguments: ["ring", "calls"])
  func killed_at_random_moments(writes: String) async throws {
    let rounds = TestExpectation.isFull ? 200 : 20
    var killed = 0
    for round in 0..<rounds {
      let overwrite = round % 4 == 0 ? "if-changed" : "always"
      if round % 10 == 0 { _ = try await out.shell("chmod -R u+w new; rm -rf new") }
      let milliseconds = Int.random(in: 5...150)
      let seconds = "0." + String(repeating: "0", count: 3 - "\(milliseconds)".count) + "\(milliseconds)"
      let outcome = try await Millrace.shell(
        "timeout -s KILL \(seconds) $MILLRACE copy --writes \(writes) --overwrite \(overwrite) \(tree.path)/ new",
        in: out)
      if outcome.status != 0 { killed += 1 }
      // Each existing target has the size, time and contents of its source.
      let partial = try await out.shell(
        "mkdir -p new; rsync -nrlt --checksum --existing --itemize-changes \(tree.path)/ new/ | grep '^>f'")
      #expect(partial.outputText == "")
    }
    #expect(killed > 0)
    try await finishes()
  }
}
