import TestTurns
import Testing

/// Progress on a terminal, which script(1) makes.
@Suite(.inTurn) struct ProgressTests {
  private static let erasure = "\r\u{1B}[K"

  @Test(.enabled("needs script(1)") { try await Millrace.shell("script --version").status == 0 })
  func results_and_failures_take_the_place_of_progress() async throws {
    let directory = try TemporaryDirectory()
    // As many names as take longer than progress does to show: an empty file, and one that does not exist.
    try directory.write([], to: bytes("a"))
    let list = String(repeating: "a\n", count: 2000) + "gone\n"
    try directory.write(bytes(String(repeating: list, count: 20)), to: bytes("list"))

    let outcome = try await Millrace.shell(
      "script -qec '$MILLRACE hash --files-from list --engine blocking' /dev/null", in: directory)

    let emptyDigits = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    let printed = outcome.outputText.replacing("\r\n", with: "\n")
    #expect(printed.contains(" files, 0 B"))
    // What is left of each line on the screen; of the last one nothing, if it showed progress.
    var shown = printed.split(separator: "\n").map { line in
      line.split(separator: Self.erasure, omittingEmptySubsequences: false).last ?? ""
    }
    if shown.last == "" { shown.removeLast() }
    #expect(shown.count == 20 * 2001)
    #expect(Set(shown) == ["\(emptyDigits)  a", "millrace: gone: open: No such file or directory"])
  }
}
