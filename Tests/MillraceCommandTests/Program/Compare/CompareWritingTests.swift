import Glibc
import TestTurns
import Testing

/// The jobs of `compare` that write trees, and remove them again.
@Suite(.inTurn) struct CompareWritingTests {
  private static let jobs = ["copy", "transform"]

  /// The sample tree as `src`, with links, a FIFO and a sparse file, beside an empty `out`.
  ///
  /// - Parameter parent: the parent directory; by default on a tmpfs, where syncfs(2) returns at once.
  private func directory(in parent: String = "/dev/shm") async throws -> TemporaryDirectory {
    let directory = try SampleTree.make(in: TemporaryDirectory(in: parent))
    let made = try await directory.shell(
      """
      mkdir .src && mv -- * .src && mv .src src && mkdir out outside && echo precious > outside/file &&
      cd src && ln -s nowhere dangling && ln -s ../outside link && ln d- d/hard && mkfifo fifo &&
      truncate -s 1M sparse && echo data >> sparse && chmod 600 d0 && chmod 750 d/e \
        && touch -d '2001-02-03 04:05:06.789012345' d/e d0
      """)
    try #require(made.status == 0)
    return directory
  }

  /// The entries of a directory with their attributes.
  private func listing(_ name: String, in directory: TemporaryDirectory) async throws -> String {
    try await directory.shell("find \(name) -printf '%P %y %m %s %T@ %l %n\\n' | sort").outputText
  }

  // MARK: Results

  @Test(.needsRing, arguments: jobs) func every_engine_writes_the_same_tree(job: String) async throws {
    let directory = try await directory()
    let before = try await listing("src outside", in: directory)
    let outcome = try await Millrace.run("compare", "src", "--job", job, "--into", "out", "--runs", "2", in: directory)

    let lines = outcome.outputLines.map { String(decoding: $0, as: UTF8.self) }
    #expect(outcome.status == 0 && outcome.errorText == "")
    try #require(lines.count == 10)
    #expect(lines[0].hasPrefix("\(job), ") && lines[0].hasSuffix(", 2 runs each, warm"))
    #expect(lines[1].hasPrefix("syncfs of the target's file system before each run; "))
    #expect(lines[3].hasSuffix("  by chain  by calls  to device"))
    #expect(lines[5...7].map { $0.prefix { $0 != " " } } == ["blocking", "threads", "uring"])
    #expect(lines[9].hasPrefix("Trees identical on all engines"))
    #expect(lines[9].contains(", and to the source") == (job == "copy"))
    #expect(try await listing("src outside", in: directory) == before)
    #expect(try await listing("out", in: directory).split(separator: "\n").count == 1)
  }

  @Test(.needsRing, arguments: [("copy", "inside", "/tmp"), ("transform", "outside", "/dev/shm")])
  func json_has_what_the_table_has(job: String, sync: String, parent: String) async throws {
    let directory = try await directory(in: parent)
    let outcome = try await Millrace.run(
      "compare", "src", "--job", job, "--into", "out", "--runs", "1", "--sync", sync, "--json", in: directory)
    let objects = try jsonObjects(outcome.output)
    #expect(outcome.status == 0)
    try #require(objects.count == 7)
    for object in [objects[2], objects[5]] {
      #expect(object["engine"] as? String == "uring")
      let ways = ["filesWrittenByChain", "filesWrittenByCalls"].compactMap { object[$0] as? Int }
      #expect(ways.count == 2 && ways.reduce(0, +) > 0)
      #expect(object["deviceBytes"] as? Int ?? -1 >= 0)
    }
    for object in [objects[0], objects[1]] { #expect(object["filesWrittenByChain"] == nil) }
    #expect(objects[6]["sync"] as? String == sync)
    #expect(objects[6]["identical"] as? Bool == true)
    #expect(objects[6]["job"] as? String == job)
  }

  @Test(arguments: jobs) func trees_with_the_same_names_and_files_are_kept_apart(job: String) async throws {
    let directory = try TemporaryDirectory(in: "/dev/shm")
    _ = try await directory.shell("mkdir -p a/d b/d empty out && echo 1 > a/d/f && echo 2 > b/d/f && echo 3 > f")
    let outcome = try await Millrace.run(
      "compare", "a", "b/", "empty", "f", "--job", job, "--into", "out", "--runs", "1", "--engines", "blocking,threads",
      in: directory)
    #expect(outcome.status == 0 && outcome.errorText == "")
    #expect(outcome.outputText.hasPrefix("\(job), 3 files, 6 B, 1 run each, warm\n"))
  }

  /// As root this empties the caches of the whole machine.
  @Test func cold_and_the_ways_of_writing() async throws {
    let directory = try await directory()
    let outcome = try await Millrace.run(
      "compare", "src", "--job", "copy", "--into", "out", "--runs", "1", "--cold", "--writes", "calls", "--json",
      in: directory)
    #expect(outcome.status == 0)
    let uring = try jsonObjects(outcome.output).first { $0["engine"] as? String == "uring" }
    if let uring { #expect(uring["filesWrittenByChain"] as? Int == 0) }
  }

  // MARK: Failures

  @Test(arguments: jobs) func a_file_that_cannot_be_read_is_named_once(job: String) async throws {
    let directory = try await directory()
    let outcome = try await Millrace.run(
      "compare", "gone", "src", "--job", job, "--into", "out", "--engines", "blocking,threads", "--runs", "2",
      in: directory)
    #expect(outcome.errorText == "millrace: gone: open: No such file or directory\n")
    #expect(outcome.outputText.contains(", 1 failure included."))
    #expect(outcome.status == 1)
    #expect(try await directory.shell("ls -A out").outputText == "")
  }

  @Test func names_of_nothing_may_come_twice() async throws {
    let outcome = try await Millrace.run(
      "compare", "gone", "gone", "--job", "copy", "--into", "out", "--engines", "threads", "--runs", "1",
      in: TemporaryDirectory(in: "/dev/shm"))
    #expect(outcome.errorLines.count == 2 && outcome.outputText.contains("2 failures included."))
    #expect(outcome.status == 1)
  }

  @Test(.needsSeccomp) func what_ends_a_run_leaves_nothing() async throws {
    let directory = try await directory()
    let outcome = try await Millrace.shell(
      "$REFUSE EPERM $MILLRACE compare src --job copy --into new --engines threads,uring", in: directory)
    #expect(outcome.status == 2)
    #expect(outcome.errorLines.count == 1 && outcome.errorText.contains("the uring engine cannot be used here"))
    #expect(try await directory.shell("ls -Ad new").status != 0)
  }

  @Test(arguments: [
    ("file", "file: open: Not a directory"), ("no/dir", "no/dir: mkdir: No such file or directory"),
    ("dangling", "dangling: open: No such file or directory"),
  ])
  func a_directory_that_cannot_be_had(into: String, message: String) async throws {
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir src && echo x > src/f && echo y > file && ln -s nowhere dangling")
    let outcome = try await Millrace.run(
      "compare", "src", "--job", "copy", "--into", into, "--engines", "threads", in: directory)
    #expect(outcome.errorLines == ["millrace: \(message)"])
    #expect(outcome.status == 2)
    #expect(try await directory.shell("ls -A").outputText == "dangling\nfile\nsrc\n")
  }

  // MARK: Removal

  @Test func a_directory_that_was_made_is_removed_and_one_that_was_there_stays_as_it_was() async throws {
    let directory = try await directory()
    // Links with names like those of the folder and the trees, which lead elsewhere.
    _ = try await directory.shell(
      "cd out && ln -s ../outside millrace-compare-0 && ln -s ../outside uring-1 && ln -s / root && mkdir sub")
    let before = try await listing("out outside", in: directory)
    for into in ["out", "new", "new/", "out/sub/new"] {
      let outcome = try await Millrace.run(
        "compare", "src", "--job", "copy", "--into", into, "--runs", "1", "--engines", "threads", in: directory)
      #expect(outcome.status == 0 && outcome.errorText == "")
    }
    #expect(try await directory.shell("ls -Ad new").status != 0)
    // Only the times of directories in which something was made have changed.
    let after = try await listing("out outside", in: directory)
    let times = try Regex(#" [0-9]+\.[0-9]+ "#)
    #expect(after.replacing(times, with: " ") == before.replacing(times, with: " "))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP]) func a_signal_leaves_nothing(signal: Int32) async throws {
    let directory = try await directory()
    // The first of a thousand runs reports its failure.
    let child = try Millrace.start(
      "compare", "gone", "src", "--job", "copy", "--into", "out", "--engines", "threads", "--runs", "1000",
      in: directory)
    await child.waitForErrors(lines: 1)
    #expect(try await directory.shell("ls -A out").outputText.hasPrefix("millrace-compare-"))
    child.send(signal)
    let outcome = try await child.outcome()
    #expect(outcome.signal == signal)
    #expect(outcome.outputText == "")
    let message = "millrace: removing what was written; a second signal ends this at once"
    #expect(outcome.errorLines.dropFirst().first == message)
    #expect(outcome.errorLines.count == 3)
    #expect(try await directory.shell("ls -A out").outputText == "")
  }

  @Test func a_reader_that_goes_away_leaves_nothing() async throws {
    let directory = try await directory()
    let outcome = try await Millrace.shell(
      "$MILLRACE compare gone src --job copy --into out --runs 2 --engines threads 2>&1 | true; ls -A out",
      in: directory)
    #expect(outcome.outputText == "")
  }

  // MARK: Refusals

  @Test(arguments: [
    ("src", "src", "src of --into is in src"), ("src", "src/d/new", "src/d/new of --into is in src"),
    ("src", "link/new", "link/new of --into is in src"), ("src", ".", "src is in that of --into, ."),
    ("src/d src", "out", "src/d is, or is in, src"), ("src src/", "out", "src/ is, or is in, src"),
    ("link src/d-", "out", "src/d- is, or is in, link"),
  ])
  func trees_in_one_another_are_refused(sources: String, into: String, message: String) async throws {
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir -p src/d out && echo x > src/d- && ln -s src link")
    let outcome = try await Millrace.shell(
      "$MILLRACE compare \(sources) --job copy --into \(into) --engines threads", in: directory)
    #expect(outcome.errorLines.first == "Error: \(message).")
    #expect(outcome.status == 64)
    #expect(try await directory.shell("ls src out").outputText == "out:\n\nsrc:\nd\nd-\n")
  }
}

/// The blocking engine copies through `FileHandle`, and not by copy_file_range(2).
@Suite(.inTurn) struct CompareBlockingTests {
  @Test(.needsStrace, arguments: ["blocking", "threads"])
  func large_files_are_copied_by_the_kernel_for_threads_alone(engine: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(SampleTree.content(500_000), to: bytes("large"))
    let outcome = try await Millrace.shell(
      """
      mkdir out && strace -f -o trace -e trace=copy_file_range,ioctl \
      $MILLRACE compare large --job copy --into out --runs 1 --engines \(engine)
      grep -c 'copy_file_range(\\|FICLONE' trace
      """, in: directory)
    let calls = try #require(outcome.outputLines.last.flatMap { Int(String(decoding: $0, as: UTF8.self)) })
    #expect(engine == "blocking" ? calls == 0 : calls > 0)
  }
}
