import Glibc
import TestTurns
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test, visibly, where there is no rsync to compare trees with.
  fileprivate static var comparedWithRsync: Self {
    .enabled(if: access("/usr/bin/rsync", X_OK) == 0, "needs rsync(1)")
  }
}

@Suite(.inTurn) struct CopyTests {
  /// The sample tree, with links, a FIFO, a sparse file, and other permissions and times.
  private func makeTree() async throws -> TemporaryDirectory {
    let tree = try SampleTree.make()
    let outcome = try await tree.shell(
      """
      ln -s nowhere dangling && ln d- d/hard && mkfifo fifo && truncate -s 1M sparse && echo data >> sparse
      chmod 600 d0 && chmod 750 d/e && touch -d '2001-02-03 04:05:06.789012345' d/e d0
      """)
    try #require(outcome.status == 0)
    return tree
  }

  private let compare = "rsync -naHAXS --checksum --delete --itemize-changes"

  @Test(.comparedWithRsync, arguments: everyEngine)
  func the_copy_is_what_rsync_would_make_and_is_made_once(engine: String) async throws {
    try requireEngine(engine)
    let (tree, out) = (try await makeTree(), try TemporaryDirectory())
    let copied = try await Millrace.run("copy", "--engine", engine, tree.path, "new", in: out)
    #expect(copied.status == 0 && copied.errorText == "")
    #expect(copied.outputText.hasSuffix("(\(engine))\n") && copied.outputLines.count == 1)
    #expect(try await out.shell("\(compare) \(tree.path)/ new/").outputText == "")

    let again = try await Millrace.run("copy", "--engine", engine, "--json", tree.path + "/", "new", in: out)
    let summary = try #require(try jsonObjects(again.output).last)
    #expect(summary["written"] as? Int == 0 && summary["updated"] as? Int == 0 && summary["linked"] as? Int == 0)
    #expect(try jsonObjects(again.output).count == 1)
  }

  @Test(.comparedWithRsync) func without_io_uring_the_tree_is_the_same() async throws {
    let (tree, out) = (try await makeTree(), try TemporaryDirectory())
    let copied = try await Millrace.shell("$REFUSE EPERM $MILLRACE copy \(tree.path) new", in: out)
    #expect(copied.status == 0 && copied.errorText == "")
    #expect(try await out.shell("\(compare) \(tree.path)/ new/").outputText == "")
  }

  @Test func names_are_as_with_cp() async throws {
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir -p a/b there && echo x > a/b/f && echo y > g")
    for (arguments, made) in [
      (["a", "new"], "new/b/f"), (["a", "there"], "there/a/b/f"), (["a/", "there"], "there/b/f"),
      (["a/.", "other"], "other/b/f"), (["g", "h"], "h"), (["g", "there/"], "there/g"),
      (["a/b/f", "g", "there"], "there/f"),
    ] {
      let outcome = try await Millrace.start((["copy"] + arguments).map(bytes), in: directory).outcome()
      #expect(outcome.status == 0 && outcome.errorText == "")
      #expect(try await directory.shell("test -f \(made)").status == 0, "\(arguments)")
    }
  }

  @Test(arguments: [
    (["a", "a"], "millrace: a: a directory cannot be copied into itself"),
    (["a", "g", "new"], "millrace: new: not a directory"),
    (["g", "a/g", "there"], "millrace: a/g: another source goes to the same name"),
    (["a/", "g", "there"], "millrace: a/: the contents of a directory are copied alone"),
    (["g", "nd/"], "millrace: nd/: not a directory"),
    (["g", "nd/h"], "millrace: nd/h: its directory is not there"),
    (["g", "g"], "millrace: g: source and target are the same"),
    (["g", "."], "millrace: g: source and target are the same"),
    (["a", "."], "millrace: a: source and target are the same"),
    (["link", "."], "millrace: link: source and target are the same"),
    (["p/sub/.", "p"], "millrace: p/sub/.: p/sub/./sub would be written over it"),
    (["q/x", "p/x/y", "p"], "millrace: p/x/y: q/x/y would be written over it"),
  ])
  func what_would_go_wrong_is_refused_beforehand(arguments: [String], message: String) async throws {
    let directory = try TemporaryDirectory()
    let made = try await directory.shell(
      """
      mkdir -p a there p/sub/sub p/x/y q/x && echo x > a/g && echo y > g && ln -s g link
      echo source > p/sub/sub/f && echo y > p/x/y/f && echo other > q/x/y
      """)
    try #require(made.status == 0)
    let before = try await directory.shell("find . -printf '%p %s %T@\\n' | sort").outputText
    let outcome = try await Millrace.start((["copy"] + arguments).map(bytes), in: directory).outcome()
    #expect(outcome.status == 2 && outcome.errorLines == [message])
    #expect(try await directory.shell("find . -printf '%p %s %T@\\n' | sort").outputText == before)
  }

  /// A target above its source, and one inside it.
  @Test func a_target_may_be_around_its_source() async throws {
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir -p p/sub/d && echo x > p/sub/d/f && mkdir -p o/in && echo y > o/f")
    let above = try await Millrace.run("copy", "p/sub/.", "p", in: directory)
    #expect(above.status == 0 && above.errorText == "")
    #expect(try directory.read("p/d/f") == bytes("x\n"))
    let inside = try await Millrace.run("copy", "o", "o/in", in: directory)
    #expect(inside.status == 0)
    #expect(inside.errorLines == ["millrace: o/in: skipped: the target is not copied into itself"])
    #expect(try await directory.shell("find o | sort").outputText == "o\no/f\no/in\no/in/o\no/in/o/f\n")
  }

  @Test func targets_are_told_byte_for_byte_in_json() async throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory(bytes("a"))
    try directory.write(bytes("x"), to: bytes("a/") + [0xFF])
    let outcome = try await Millrace.run("copy", "--json", "a/", "b", in: directory)
    let objects = try jsonObjects(outcome.output)
    #expect(objects[0]["targetBytes"] as? String == "Yi//" && objects[0]["target"] == nil)
    #expect(objects[1]["target"] as? String == "b" && objects[1]["path"] as? String == "a/")
    #expect(objects[0]["pathBytes"] as? String == "YS//")
  }

  @Test func a_failure_is_a_line_and_the_others_are_copied() async throws {
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir -p a t/a/f && echo x > a/f && echo y > a/g")
    let outcome = try await Millrace.run("copy", "a", "missing", "t", in: directory)
    #expect(outcome.status == 1)
    #expect(
      outcome.errorLines == [
        "millrace: t/a/f: create: Is a directory", "millrace: missing: open: No such file or directory",
      ])
    #expect(try directory.read("t/a/g") == bytes("y\n"))
  }

  @Test func a_dry_run_prints_what_would_be_written() async throws {
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir a && echo x > a/f")
    let outcome = try await Millrace.run("copy", "--dry-run", "a", "b", in: directory)
    #expect(outcome.status == 0)
    #expect(Set(outcome.outputLines) == [bytes("b"), bytes("b/f")])
    #expect(try await directory.shell("ls").outputText == "a\n")
  }

  @Test(.comparedWithSha256sum) func a_manifest_is_what_sha256sum_prints_of_the_copies() async throws {
    let (tree, out) = (try SampleTree.make(), try TemporaryDirectory())
    let outcome = try await Millrace.run("copy", "--manifest", "sums", tree.path, "new", in: out)
    #expect(outcome.status == 0 && outcome.errorText == "")
    let expected = try await out.shell("find new -type f -print0 | sort -z | xargs -0 sha256sum")
    #expect(try lines(out.read("sums")).count == expected.outputLines.count)
    #expect(try Set(lines(out.read("sums"))) == Set(expected.outputLines))
    let refused = try await Millrace.run("copy", "--manifest", "no/sums", tree.path, "other", in: out)
    #expect(refused.status == 2)
    #expect(refused.errorLines == ["millrace: no/sums: create: No such file or directory"])
    for manifest in ["new/sums", "\(tree.path)/sums"] {
      let refused = try await Millrace.run("copy", "--manifest", manifest, tree.path, "new", in: out)
      #expect(refused.status == 2)
      #expect(refused.errorText.contains("a manifest is neither in a source nor in the target"))
    }
  }

  @Test(arguments: ["always", "never"]) func files_are_written_over_as_asked(choice: String) async throws {
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("echo new > a && echo old > b")
    let outcome = try await Millrace.run("copy", "--overwrite", choice, "--durability", "file", "a", "b", in: directory)
    #expect(outcome.status == 0)
    #expect(try directory.read("b") == bytes(choice == "always" ? "new\n" : "old\n"))
  }

  /// The process is killed at any moment: each target is absent, old or complete, and the next run completes the copy.
  @Test(.comparedWithRsync) func a_run_that_is_killed_goes_on_with_the_next() async throws {
    let (tree, out) = (try await makeTree(), try TemporaryDirectory())
    for milliseconds in [40, 80, 120, 200] {
      _ = try await Millrace.shell(
        "timeout -s KILL 0.\(milliseconds < 100 ? "0" : "")\(milliseconds) $MILLRACE copy \(tree.path)/ new", in: out)
      // Each existing target has the size and time of its source.
      let partial = try await out.shell(
        "mkdir -p new; rsync -nrlt --existing --itemize-changes \(tree.path)/ new/ | grep '^>f'")
      #expect(partial.outputText == "")
    }
    let last = try await Millrace.run("copy", tree.path + "/", "new", in: out)
    #expect(last.status == 0 && last.errorText == "")
    #expect(try await out.shell("\(compare) \(tree.path)/ new/").outputText == "")
  }
}
