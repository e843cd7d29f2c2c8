import FileTestSupport
import TestTurns
import Testing

/// The program where io_uring is refused.
@Suite(.inTurn, .needsSeccomp) struct RefusedRingTests {
  /// A test run with io_uring refused, to check the fallback, proves nothing unless it is refused.
  @Test(.enabled("nobody refuses io_uring to the tests") { TestExpectation.isRefused })
  func io_uring_is_refused_where_that_is_expected() {
    #expect(whyNoRing != nil)
  }

  @Test(arguments: Refusal.here)
  func doctor_names_the_cause(_ refusal: Refusal) async throws {
    let outcome = try await Millrace.shell("unset MILLRACE_ENGINE; $REFUSE \(refusal.rawValue) $MILLRACE doctor")
    #expect(outcome.outputText.hasPrefix("io_uring cannot be used here. \(refusal.sentence)\n"))
    #expect(outcome.outputText.contains("\n--engine auto takes  threads\n"))
    #expect(outcome.outputText.contains("\nTo change:\n- \(refusal.sentence)\n"))
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }

  @Test(.comparedWithSha256sum, arguments: Refusal.here)
  func auto_takes_threads_says_why_and_gives_the_same_output(_ refusal: Refusal) async throws {
    let tree = try SampleTree.make()
    let expected = try await Millrace.shell("find . -type f -print0 | sort -z | xargs -0 sha256sum", in: tree)
    let outcome = try await Millrace.shell(
      "unset MILLRACE_ENGINE; $REFUSE \(refusal.rawValue) $MILLRACE hash -v .", in: tree)
    let isSame = outcome.output == expected.output
    #expect(isSame)
    #expect(outcome.errorLines.first == "millrace: io_uring was not used. \(refusal.sentence)")
    #expect(outcome.errorLines.dropFirst().first?.hasPrefix("millrace: threads: ") == true)
    #expect(outcome.status == 0)
  }

  @Test(arguments: Refusal.here, ["--engine uring", "", "--engine auto"])
  func uring_by_option_or_environment_ends_the_run_with_the_reason(_ refusal: Refusal, _ option: String) async throws {
    let variable = option == "--engine uring" ? "" : "MILLRACE_ENGINE=uring"
    let directory = try TemporaryDirectory()
    let outcome = try await Millrace.shell(
      "\(variable) $REFUSE \(refusal.rawValue) $MILLRACE hash \(option) .", in: directory)
    #expect(outcome.outputText == "")
    #expect(outcome.errorLines == ["millrace: the uring engine cannot be used here. \(refusal.sentence)"])
    #expect(outcome.status == 2)
  }

  @Test(arguments: Refusal.here)
  func compare_goes_without(_ refusal: Refusal) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    let outcome = try await Millrace.shell("$REFUSE \(refusal.rawValue) $MILLRACE compare --runs 1 .", in: directory)
    #expect(outcome.errorLines == ["millrace: without io_uring: \(refusal.sentence)"])
    #expect(outcome.outputText.contains("Results identical on all engines. "))
    #expect(outcome.status == 0)
  }

  @Test(arguments: Refusal.here)
  func demo_says_that_it_cannot_wait_together(_ refusal: Refusal) async throws {
    let outcome = try await Millrace.shell("$REFUSE \(refusal.rawValue) $MILLRACE demo --seconds 0")
    #expect(outcome.outputText.contains("[TOTAL SYNC]"))
    #expect(outcome.errorLines == ["millrace: io_uring cannot be used here. \(refusal.sentence)"])
    #expect(outcome.status == 2)
  }

  /// Linux before 5.15 returns EINVAL for limits on worker threads: rings work without them.
  @Test(.enabled("all of io_uring is refused") { whyNoRing == nil })
  func a_kernel_without_limits_on_workers_has_a_ring_all_the_same() async throws {
    let outcome = try await Millrace.shell("$REFUSE EINVAL@register $MILLRACE hash --engine uring /proc/version")
    #expect(outcome.errorText == "" && outcome.outputLines.count == 1)
    #expect(outcome.status == 0)
  }

  @Test(arguments: [
    "", "EPERM", "EIO true", "EPERM@open true", "EPERM@enter:0 true", "EPERM@enter:1x true", "@enter true",
  ])
  func the_refuser_itself_is_used_rightly_or_not_at_all(_ arguments: String) async throws {
    let outcome = try await Millrace.shell("$REFUSE \(arguments)")
    #expect(outcome.errorText.hasPrefix("usage: refuse-io-uring "))
    #expect(outcome.status == 64)
  }
}
