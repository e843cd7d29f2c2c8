import FileTestSupport
import TestTurns
import Testing

/// The program if io_uring_enter(2) fails after the probe of the ring: at intervals, and permanently.
@Suite(.inTurn, .needsSeccomp, .enabled("io_uring is refused here") { whyNoRing == nil || TestExpectation.isRequired })
struct FailingRingTests {
  /// Files that are not in the page cache, so that each is read through a ring.
  private static let manyReads = "yes /proc/version | head -n 500 | $REFUSE"

  @Test(.comparedWithSha256sum, arguments: ["EINTR", "EAGAIN", "EBUSY", "ENOMEM"])
  func transient_errors_are_retried(_ error: String) async throws {
    let tree = try SampleTree.make()
    let expected = try await Millrace.shell("find . -type f -print0 | sort -z | xargs -0 sha256sum", in: tree)
    for when in ["1+2", "3+5", "2+3"] {
      let outcome = try await Millrace.shell(
        "$REFUSE \(error)@enter:\(when) $MILLRACE hash --engine uring --page-cache bypass .", in: tree)
      let isSame = outcome.output == expected.output
      #expect(isSame && outcome.errorText == "" && outcome.status == 0, "\(when)")
    }
    let many = try await Millrace.shell(
      "\(Self.manyReads) \(error)@enter:3+5 $MILLRACE hash --engine uring --files-from -")
    #expect(Set(many.outputLines).count == 1 && many.outputLines.count == 500)
    #expect(many.errorText == "" && many.status == 0)
  }

  @Test(arguments: ["EINVAL", "EBADR", "EPERM", "ENOMEM", "EAGAIN", "EINTR"])
  func an_error_that_stays_ends_the_run_with_one_line(_ error: String) async throws {
    try await expectAbortion("\(error)@enter:9", "hash --files-from -")
  }

  @Test(arguments: ["hash --json --files-from -", "read --files-from -", "count --files-from -"], [1, 3])
  func every_command_ends_so_whichever_ring_fails(_ command: String, _ loops: Int) async throws {
    try await expectAbortion("EBADR@enter:9", "\(command) --loops \(loops)")
  }

  private func expectAbortion(_ refusal: String, _ command: String) async throws {
    let outcome = try await Millrace.shell("\(Self.manyReads) \(refusal) $MILLRACE \(command) --engine uring")
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errorText.hasPrefix("millrace: io_uring_enter: "))
    #expect(outcome.errorText.hasSuffix("--engine threads.\n"))
    #expect(outcome.status == 2)
  }

  @Test func a_check_ends_with_one_line_too_and_calls_nothing_wrong() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Millrace.shell(
      """
      sha256sum /proc/version > one; yes "$(cat one)" | head -n 500 > many
      $REFUSE EBADR@enter:9 $MILLRACE hash --engine uring --check many
      """, in: directory)
    #expect(outcome.errorLines.count == 1 && outcome.errorText.hasPrefix("millrace: io_uring_enter: "))
    #expect(!outcome.outputText.contains("FAILED"))
    #expect(outcome.status == 2)
  }

  @Test func waits_end_with_the_cause() async throws {
    let outcome = try await Millrace.shell("$REFUSE EBADR@enter:3 $MILLRACE demo --seconds 1 --tasks 2")
    #expect(outcome.errorLines.count == 1 && outcome.errorText.hasPrefix("millrace: io_uring_enter: "))
    #expect(outcome.status == 2)
  }
}
