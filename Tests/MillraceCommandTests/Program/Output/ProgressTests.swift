import Glibc
import TestTurns
import Testing

extension Trait where Self == ConditionTrait {
  /// Skips a test, visibly, where nothing makes a terminal.
  fileprivate static var needsTerminal: Self {
    .enabled("needs script(1)") { try await Millrace.shell("script --version").status == 0 }
  }
}

@Suite(.inTurn) struct ProgressTests {
  private static let erasure = "\r\u{1B}[K"

  // MARK: On a terminal

  @Test(.needsTerminal) func results_and_failures_take_the_place_of_progress() async throws {
    let directory = try TemporaryDirectory()
    try Self.writeLongList(in: directory)

    let outcome = try await Millrace.shell(
      "TERM=xterm script -qec '$MILLRACE hash --files-from list --engine blocking' /dev/null", in: directory)

    let emptyDigits = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    let printed = outcome.outputText.replacing("\r\n", with: "\n")
    #expect(printed.contains(" files, 0 B"))
    // The final contents of each line on the screen: nothing of the last one if it showed progress.
    var shown = printed.split(separator: "\n").map { line in
      line.split(separator: Self.erasure, omittingEmptySubsequences: false).last ?? ""
    }
    if shown.last == "" { shown.removeLast() }
    #expect(shown.count == 20 * 2001)
    #expect(Set(shown) == ["\(emptyDigits)  a", "millrace: gone: open: No such file or directory"])
  }

  /// Enough names to take longer than an interval of progress: an empty file, and one that does not exist.
  private static func writeLongList(in directory: TemporaryDirectory) throws {
    try directory.write([], to: bytes("a"))
    let list = String(repeating: "a\n", count: 2000) + "gone\n"
    try directory.write(bytes(String(repeating: list, count: 20)), to: bytes("list"))
  }

  /// If a line wrapped on a narrow terminal, erasing it would leave its beginning.
  @Test(.needsTerminal) func the_line_is_cut_to_the_width_of_the_terminal() async throws {
    let directory = try TemporaryDirectory()
    try Self.writeLongList(in: directory)
    let command = "stty cols 6; $MILLRACE hash -q --progress --files-from list --engine blocking 2>/dev/tty"
    let outcome = try await Millrace.shell("TERM=xterm script -qec '\(command)' /dev/null", in: directory)
    let drawn = outcome.outputText.split(separator: "\r\u{1B}[K").filter { !$0.hasPrefix("millrace: ") }
    #expect(!drawn.isEmpty)
    #expect(drawn.allSatisfy { $0.utf8.count == 5 })
  }

  @Test(.needsTerminal, arguments: ["TERM=dumb", "TERM=", "-u TERM"])
  func a_terminal_without_escape_sequences_gets_plain_lines(type: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    let outcome = try await Millrace.shell(
      "env \(type) script -qec '$MILLRACE hash -q --progress a' /dev/null", in: directory)
    #expect(outcome.outputText == "millrace: 1 file, 3 B\r\n")
  }

  // MARK: Without a terminal

  /// Progress on one large sparse file: lines are printed before it ends, with bytes and the rate.
  @Test(arguments: ["hash --progress large", "hash --progress --check manifest"])
  func a_large_file_counts_while_it_is_read(arguments: String) async throws {
    let directory = try TemporaryDirectory()
    #expect(try await directory.shell("truncate -s 64G large").status == 0)
    try directory.write(bytes("\(abcDigits)  large\n"), to: bytes("manifest"))
    let words = arguments.split(separator: " ").map { bytes(String($0)) }
    let child = try Millrace.start(words, in: directory)
    await child.waitForErrors(lines: 2)
    child.send(SIGKILL)
    let lines = try await child.outcome().errorLines
    #expect(lines.allSatisfy { $0.hasPrefix("millrace: 0 files, ") && $0.hasSuffix("B/s") })
    #expect(lines.last?.contains(" files, 0 B,") == false)
  }

  /// A directory and a file, which the walk finds at once: so the total and the remaining time are known.
  @Test func a_copy_tells_how_much_there_is_and_how_long_it_will_take() async throws {
    let directory = try TemporaryDirectory()
    #expect(try await directory.shell("mkdir d && truncate -s 64G d/large && printf x >> d/large").status == 0)
    let words = ["copy", "--progress", "--manifest", "sums", "d", "out"].map(bytes)
    let child = try Millrace.start(words, in: directory)
    await child.waitForErrors(lines: 2)
    child.send(SIGKILL)
    let last = try #require(try await child.outcome().errorLines.last)
    #expect(last.hasPrefix("millrace: 1 of 2 files, ") && last.contains(" of 68.7 GB, "))
    #expect(last.contains("/s, about ") && last.hasSuffix(" left"))
  }

  @Test(arguments: ["read", "hash", "count", "hash --check"])
  func what_was_done_is_said_at_the_end_if_progress_was_asked_for(command: String) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(bytes("abc"), to: bytes("a"))
    try directory.write(bytes("\(abcDigits)  a\n"), to: bytes("m"))
    let file = command == "hash --check" ? "m" : "a"
    let wanted = try await Millrace.shell("$MILLRACE \(command) --progress \(file)", in: directory)
    #expect(wanted.errorText == "millrace: 1 file, 3 B\n")
    for option in ["", "--no-progress"] {
      let unwanted = try await Millrace.shell("$MILLRACE \(command) \(option) \(file)", in: directory)
      #expect(unwanted.errorText == "")
    }
  }
}
