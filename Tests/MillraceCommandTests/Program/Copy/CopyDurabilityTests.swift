import FileTestSupport
import Glibc
import TestTurns
import Testing

/// `copy --durability batch`: which system calls it makes, and in which order.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct CopyDurabilityTests {
  private let tree: TemporaryDirectory
  private let out: TemporaryDirectory

  init() async throws {
    (tree, out) = (try TemporaryDirectory(), try TemporaryDirectory())
  }

  /// More files than any of the limits on descriptors, unless the test is about how large groups become.
  private func fillTree(files: Int = 800) throws {
    for number in 0..<files {
      if number % 50 == 0 { try tree.makeDirectory(bytes("d\(number / 50)")) }
      try tree.write(bytes("\(number)"), to: bytes("d\(number / 50)/\(number)"))
    }
  }

  private func isWhole() async throws -> Bool {
    try await out.shell("diff -r \(tree.path) new && find new -name '.millrace-*'").outputText == ""
  }

  /// The size of a batch depends on how long a commit takes, which is longer under strace(1): the bound leaves a
  /// margin.
  @Test(.needsStrace, arguments: everyEngine.filter { $0 != "blocking" })
  func few_synchronizations_serve_many_files(engine: String) async throws {
    try requireEngine(engine)
    let count = 4000
    try fillTree(files: count)
    let outcome = try await Millrace.shell(
      """
      strace -f -o trace -e trace=syncfs,fsync,linkat \
        $MILLRACE copy -q --engine \(engine) --durability batch \(tree.path)/ new
      """, in: out)
    #expect(outcome.status == 0 && outcome.errorText == "")
    let calls = lines(try out.read("trace")).map { String(decoding: $0, as: UTF8.self) }
    let synchronizations = calls.count { $0.contains("syncfs(") }
    #expect((1...count / 40).contains(synchronizations), "\(synchronizations)")
    #expect(!calls.contains { $0.contains(" fsync(") })
    // No file gets its name before the first of them.
    let first = try #require(calls.firstIndex { $0.contains("syncfs") })
    #expect(!calls[..<first].contains { $0.contains("linkat(") })
    #expect(try await isWhole())
  }

  /// Each file that could not be synchronized is a failure, and does not get its name.
  @Test(.needsStrace, arguments: everyEngine.filter { $0 != "blocking" })
  func what_the_disk_refuses_has_no_name(engine: String) async throws {
    try requireEngine(engine)
    let count = 800
    try fillTree(files: count)
    let outcome = try await InjectedErrors.shell(
      "$MILLRACE copy --engine \(engine) --durability batch \(tree.path)/ new", "syncfs,fsync:error=EIO:when=1", in: out
    )
    let failed = lines(outcome.errors).filter { $0.contains(bytes(": sync: ")) }
    let found = try await out.shell("find new -type f | wc -l; find new -name '.millrace-*'").outputText
    #expect(outcome.status == 1 && !failed.isEmpty)
    #expect(found == "\(count - failed.count)\n")
    let again = try await Millrace.run("copy", "--durability", "batch", tree.path + "/", "new", in: out)
    #expect(again.status == 0 && again.errorText == "")
    #expect(try await isWhole())
  }

  /// syncfs(2) reports an error of any file once. Each file of the batch is then synchronized by itself.
  @Test(.needsStrace, arguments: ["uring", "threads"])
  func what_others_failed_to_write_harms_no_file(engine: String) async throws {
    try requireEngine(engine)
    try fillTree()
    let outcome = try await InjectedErrors.shell(
      "$MILLRACE copy --engine \(engine) --durability batch \(tree.path)/ new", "syncfs:error=EIO:when=1", in: out)
    #expect(outcome.status == 0 && outcome.errorText == "")
    #expect(try await isWhole())
  }

  @Test(arguments: [("blocking", 64), ("threads", 256), ("uring", 32), ("uring", 64), ("uring", 256)])
  func few_descriptors_suffice(engine: String, descriptors: Int) async throws {
    try requireEngine(engine)
    try fillTree()
    let outcome = try await Millrace.shell(
      "ulimit -n \(descriptors); $MILLRACE copy -q --engine \(engine) --durability batch \(tree.path)/ new", in: out)
    #expect(outcome.status == 0 && outcome.errorText == "")
    #expect(try await isWhole())
  }
}
