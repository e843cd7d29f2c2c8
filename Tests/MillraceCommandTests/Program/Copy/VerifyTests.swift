import Glibc
import TestTurns
import Testing

/// `copy --verify`, and manifests that verify a copy.
@Suite(.inTurn) struct VerifyTests {
  private func makeTree() async throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let made = try await directory.shell(
      """
      mkdir -p a/d && echo text > a/f && echo other > a/d/g && ln a/f a/d/h && ln -s f a/link && mkfifo a/pipe
      seq 60000 | head -c 300000 > a/large
      """)
    try #require(made.status == 0)
    return directory
  }

  @Test(arguments: everyEngine) func a_copy_that_is_right_is_good(engine: String) async throws {
    try requireEngine(engine)
    let directory = try await makeTree()
    for _ in 0..<2 {
      let outcome = try await Millrace.run("copy", "--engine", engine, "--verify", "a/", "b", in: directory)
      #expect(outcome.status == 0 && outcome.errorText == "")
      #expect(try await directory.shell("cmp a/large b/large && cmp a/d/g b/d/g").status == 0)
    }
  }

  /// A byte of a copy changes, but not its size or time.
  @Test(arguments: everyEngine) func a_copy_that_differs_is_named_and_stays(engine: String) async throws {
    try requireEngine(engine)
    let directory = try await makeTree()
    #expect(try await Millrace.run("copy", "--engine", engine, "a/", "b", in: directory).status == 0)
    let damage = "printf X | dd of=b/large bs=1 seek=70000 conv=notrunc status=none; touch -r a/large b/large"
    #expect(try await directory.shell(damage).status == 0)
    let before = try directory.read("b/large")

    let plain = try await Millrace.run("copy", "--engine", engine, "a/", "b", in: directory)
    #expect(plain.status == 0)
    let outcome = try await Millrace.run("copy", "--engine", engine, "--verify", "--json", "a/", "b", in: directory)
    #expect(outcome.status == 1)
    #expect(
      outcome.errorLines == ["millrace: b/large: verify: The copy differs from what was read of its source"])
    let objects = try jsonObjects(outcome.output)
    #expect(objects.count == 2 && objects[0]["operation"] as? String == "verify" && objects[1]["failed"] as? Int == 1)
    #expect(try directory.read("b/large") == before)
  }

  @Test(.comparedWithSha256sum, arguments: everyEngine)
  func a_manifest_is_of_all_regular_files_whatever_was_written(engine: String) async throws {
    try requireEngine(engine)
    let directory = try await makeTree()
    for pass in ["first", "second"] {
      let outcome = try await Millrace.run("copy", "--engine", engine, "--manifest", pass, "a/", "b", in: directory)
      #expect(outcome.status == 0 && outcome.errorText == "")
      let expected = try await directory.shell("find b -type f -print0 | sort -z | xargs -0 sha256sum")
      #expect(try Set(lines(directory.read(pass))) == Set(expected.outputLines))
      #expect(try lines(directory.read(pass)).count == 4)
      let check = try await Millrace.run("hash", "--check", pass, in: directory)
      #expect(check.status == 0)
    }
  }

  @Test func what_is_never_written_over_is_neither_verified_nor_in_the_manifest() async throws {
    let directory = try await makeTree()
    #expect(try await directory.shell("mkdir b && echo mine > b/f").status == 0)
    let outcome = try await Millrace.run(
      "copy", "--verify", "--manifest", "sums", "--overwrite", "never", "a/", "b", in: directory)
    #expect(outcome.status == 0 && outcome.errorText == "")
    #expect(try !lines(directory.read("sums")).contains { $0.hasSuffix(bytes("  b/f")) })
    #expect(try directory.read("b/f") == bytes("mine\n"))
  }

  @Test func verifying_needs_something_written() async throws {
    let outcome = try await Millrace.run("copy", "--verify", "--dry-run", "a", "b")
    #expect(outcome.status == 64)
  }
}

extension Array<UInt8> {
  fileprivate func hasSuffix(_ suffix: [UInt8]) -> Bool {
    count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
  }
}
