import FileTestSupport
import Glibc
import TestTurns
import Testing

/// Copies with injected failures in each step of a file: every target is absent, old or complete, the failure is
/// reported, no hidden file is left, and the next run completes the copy.
@Suite(
  .inTurn, .needsStrace, .enabled(if: access("/usr/bin/rsync", X_OK) == 0, "needs rsync(1)"), .timeLimit(.minutes(10)))
struct CopyFaultTests {
  private let tree: TemporaryDirectory
  private let out: TemporaryDirectory

  init() async throws {
    (tree, out) = (try TemporaryDirectory(), try TemporaryDirectory())
    let made = try await tree.shell(
      """
      for d in a b; do mkdir $d; for f in $(seq 9); do head -c $((f * f * 900)) /dev/urandom > $d/$f; done; done
      head -c 3000000 /dev/urandom > large; touch -d 2001-02-03 a/* b/* large a b .
      """)
    try #require(made.status == 0)
  }

  /// A call that fails: in each thread the first one, and every third one after it.
  struct Fault: Sendable, CustomTestStringConvertible {
    let call: String
    let error: String
    /// The line for a file for which the call failed.
    let says: String
    var options = ""

    var testDescription: String { "\(call) \(error) \(options)" }
    var injection: String { "\(call):error=\(error):when=1+3" }
  }

  static let faults = [
    Fault(call: "pwrite64", error: "ENOSPC", says: "write: No space left on device"),
    Fault(call: "pwrite64", error: "EDQUOT", says: "write: Disk quota exceeded"),
    Fault(call: "pwrite64", error: "EIO", says: "write: Input/output error"),
    Fault(call: "copy_file_range", error: "EDQUOT", says: "copy: Disk quota exceeded"),
    Fault(call: "linkat", error: "EDQUOT", says: "link: Disk quota exceeded"),
    Fault(call: "linkat", error: "EIO", says: "link: Input/output error"),
    Fault(call: "utimensat", error: "EIO", says: "attributes: Input/output error"),
    Fault(call: "fsync", error: "EIO", says: "sync: Input/output error", options: "--durability file"),
    Fault(call: "syncfs,fsync", error: "EIO", says: "sync: Input/output error", options: "--durability batch"),
  ]

  @Test(arguments: ["uring", "threads"], faults)
  func new_files_are_absent_or_complete(engine: String, fault: Fault) async throws {
    try requireEngine(engine)
    try await fails(engine, fault)
    // Existing targets are complete.
    let differing = try await out.shell("cd new && find . -type f | while read f; do cmp $f \(tree.path)/$f; done")
    #expect(differing.outputText == "" && differing.errorText == "")
    try await finishes(engine)
  }

  @Test(
    arguments: ["uring", "threads"],
    faults + [
      Fault(call: "renameat", error: "EDQUOT", says: "rename: Disk quota exceeded")
    ])
  func existing_files_are_old_or_complete(engine: String, fault: Fault) async throws {
    try requireEngine(engine)
    let made = try await out.shell(
      "cp -a \(tree.path) new && for f in new/*/*; do echo old > $f; done; echo old > new/large")
    try #require(made.status == 0)
    try await fails(engine, fault)
    let others = try await out.shell(
      """
      cd new && find . -type f | while read f; do cmp -s $f \(tree.path)/$f || [ "$(cat $f)" = old ] || echo $f; done
      """)
    #expect(others.outputText == "")
    try await finishes(engine)
  }

  @Test(arguments: ["uring", "threads"], ["pwrite64", "utimensat"])
  func an_interruption_is_no_failure(engine: String, call: String) async throws {
    try requireEngine(engine)
    let fault = Fault(call: call, error: "EINTR", says: "")
    let outcome = try await copy(engine, fault)
    #expect(outcome.status == 0 && outcome.errorText == "")
    try await finishes(engine)
  }

  private func copy(_ engine: String, _ fault: Fault) async throws -> ChildProcess.Outcome {
    try await InjectedErrors.shell(
      "$MILLRACE copy --engine \(engine) \(fault.options) \(tree.path)/ new", fault.injection, in: out)
  }

  private func fails(_ engine: String, _ fault: Fault) async throws {
    let outcome = try await copy(engine, fault)
    #expect(outcome.status == 1 && !outcome.errorLines.isEmpty)
    for line in outcome.errorLines {
      #expect(line.hasPrefix("millrace: new") && line.contains(": \(fault.says)"), "\(line)")
    }
    #expect(try await out.shell("find new -name '.millrace-*'").outputText == "")
  }

  private func finishes(_ engine: String) async throws {
    let last = try await Millrace.run("copy", "--engine", engine, tree.path + "/", "new", in: out)
    #expect(last.status == 0 && last.errorText == "")
    let compare = "rsync -naHAXS --checksum --delete --itemize-changes"
    #expect(try await out.shell("\(compare) \(tree.path)/ new/").outputText == "")
  }
}
