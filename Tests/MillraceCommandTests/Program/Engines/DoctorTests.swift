import TestTurns
import Testing

@Suite(.inTurn) struct DoctorTests {
  @Test func says_what_there_is() async throws {
    let outcome = try await Millrace.run("doctor")
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    let verdict = whyNoRing == nil ? "io_uring works here.\n" : "io_uring cannot be used here. "
    #expect(outcome.outputText.hasPrefix(verdict))
    for row in ["kernel", "io_uring_disabled", "locked memory", "open files", "--engine auto takes", "it takes"] {
      #expect(outcome.outputText.contains("\n\(row) "))
    }
    for row in ["files read", "small files written", "small files copied"] where whyNoRing == nil {
      #expect(outcome.outputText.contains("\n\(row) "))
    }
    // The reason why there is none is not wrapped, nor is the advice.
    let table = outcome.outputText.split(separator: "\n").dropFirst().filter { !$0.hasPrefix("- ") }
    #expect(table.map(\.count).max()! <= 120)
  }

  @Test func as_json() async throws {
    let objects = try jsonObjects(try await Millrace.shell("unset MILLRACE_ENGINE; $MILLRACE doctor --json").output)
    try #require(objects.count == 1)
    #expect(objects[0]["type"] as? String == "summary")
    #expect(objects[0]["isUsable"] as? Bool == (whyNoRing == nil))
    #expect(objects[0]["chosenEngine"] as? String == (whyNoRing == nil ? "uring" : "threads"))
    let plan = try #require(objects[0]["enginePlan"] as? String)
    #expect(plan.contains(whyNoRing == nil ? "in flight" : "with a file each"))
  }

  @Test func a_low_limit_on_open_files_is_something_to_change() async throws {
    let outcome = try await Millrace.shell("ulimit -n 50; $MILLRACE doctor")
    #expect(outcome.outputText.contains("\n- Only 50 files may be open at once"))
  }
}
