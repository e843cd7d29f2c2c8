import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Attributes that the kernel refuses, and permissions that prevent a copy.
@Suite(.inTurn) struct CopyRefusalTests {
  /// Root without the capability to change owners.
  private static let withoutOwners = "setpriv --bounding-set=-chown --inh-caps=-chown "

  private static let arePossible = Task {
    geteuid() == 0 ? try await Millrace.shell("\(withoutOwners)true").status == 0 : false
  }

  private func makeTree(in directory: TemporaryDirectory) async throws {
    _ = try await directory.shell(
      """
      mkdir a a/d && echo x > a/f && echo y > a/d/g && ln -s f a/l && mkfifo a/p && chmod 6755 a/f && chmod 700 a/d
      chown -h 1234:5678 a/f a/d a/l a/p && chmod 6755 a/f && touch -d '2001-02-03 04:05:06.789' a/f
      """)
  }

  @Test(
    .enabled("needs root and setpriv(1)") { try await Self.arePossible.value },
    arguments: everyEngine)
  func an_owner_that_is_refused_costs_a_line_and_the_set_ID_bits(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    try await makeTree(in: directory)
    for bytesWritten in [4, 0] {
      let outcome = try await Millrace.shell(
        "\(Self.withoutOwners)$MILLRACE copy --engine \(engine) --json a/ b", in: directory)
      #expect(outcome.status == 1)
      #expect(outcome.errorLines == ["millrace: b/d: attributes: owner not permitted here, nor for 3 more"])
      let objects = try jsonObjects(outcome.output)
      #expect(objects.count { $0["notKept"] as? [String] == ["owner"] } == 4)
      let summary = try #require(objects.last)
      #expect(summary["incomplete"] as? Int == 4 && summary["failed"] as? Int == 0)
      #expect(summary["bytes"] as? Int == bytesWritten)
      let found = try await directory.shell("cat b/f b/d/g && stat -c '%n %a %u' b/d b/f && stat -c %.9Y b/f")
      #expect(found.outputText == "x\ny\nb/d 700 0\nb/f 755 0\n981173106.789000000\n")
    }
  }

  /// A directory is accessible to its owner during the copy; the owner could change its mode at any time.
  @Test(.needsPermissionsToCount, arguments: everyEngine)
  func a_directory_that_is_closed_to_writing_is_filled(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir -p a/d/e && echo x > a/d/f && chmod 555 a/d a/d/e a")
    let copy = "$MILLRACE copy --engine \(engine) a/ b"
    let additions = [
      "true", "echo y > a/d/e/new && mkdir -p a/d/e/x/y && chmod 511 a/d/e/x",
      "chmod 400 b/d/e && rm a/d/f && echo zz > a/d/f && touch a/d/e/z",
    ]
    for addition in additions {
      _ = try await directory.shell("chmod u+w a/d a/d/e && \(addition); chmod 555 a/d a/d/e")
      let outcome = try await Unprivileged.shell(copy, in: directory)
      #expect(outcome.status == 0 && outcome.errorText == "")
      let list = "find . -printf '%P %m %s %l\\n' | sort"
      #expect(try await directory.shell("cd a && \(list)").output == directory.shell("cd b && \(list)").output)
    }
    let unchanged = try await Unprivileged.shell(copy + " --json", in: directory)
    #expect(try jsonObjects(unchanged.output).count == 1)
    // A directory that is not an entry of the walk keeps its mode.
    _ = try await directory.shell("mkdir closed && chmod 555 closed")
    let refused = try await Unprivileged.shell("$MILLRACE copy a/d closed", in: directory)
    #expect(refused.status == 1 && refused.errorText.contains("Permission denied"))
    #expect(try await directory.shell("stat -c %a closed; ls closed").outputText == "555\n")
  }

  /// Setting a `user.` attribute needs write permission, as writing the contents does.
  @Test(.needsPermissionsToCount, arguments: ["ring", "calls"])
  func a_file_that_nobody_may_write_gets_its_attributes(writes: String) async throws {
    let directory = try TemporaryDirectory()
    let made = try await directory.shell("mkdir a && echo x > a/f && setfattr -n user.x -v y a/f && chmod 444 a/f")
    if made.status != 0 { try Test.cancel("needs setfattr(1) and a file system with attributes") }
    let get = "getfattr --only-values -n user.x b/f && stat -c ' %a' b/f"
    let outcome = try await Unprivileged.shell("$MILLRACE copy --writes \(writes) a/ b", in: directory)
    #expect(outcome.status == 0 && outcome.errorText == "")
    #expect(try await directory.shell(get).outputText == "y 444\n")
    // Nor may its owner.
    let changed = try await directory.shell("chmod 644 a/f && setfattr -n user.x -v z a/f && chmod 444 a/f")
    #expect(changed.status == 0)
    let again = try await Unprivileged.shell("$MILLRACE copy --writes \(writes) a/ b", in: directory)
    #expect(again.status == 0 && again.errorText == "")
    #expect(try await directory.shell(get).outputText == "z 444\n")
  }
}
