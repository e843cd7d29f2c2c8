import TestTurns
import Testing

/// Help, and messages about wrong usage.
@Suite(.inTurn) struct UsageTests {
  @Test(arguments: ["", "read", "hash", "count", "copy", "compare", "demo", "doctor"], ["--help", "-h"])
  func help_fits_a_terminal(command: String, option: String) async throws {
    let outcome = try await Millrace.shell("$MILLRACE \(command) \(option)")
    #expect(outcome.status == 0)
    #expect(outcome.errorText == "")
    #expect(outcome.outputText.hasPrefix("OVERVIEW: "))
    #expect(outcome.outputText.contains("USAGE: millrace \(command)"))
    #expect(outcome.outputLines.map(\.count).max()! <= 120)
  }

  @Test func without_a_command_there_is_help() async throws {
    let outcome = try await Millrace.run()
    #expect(outcome.outputText.contains("USAGE: millrace <subcommand>"))
    #expect(outcome.status == 0)
  }

  @Test func version() async throws {
    let outcome = try await Millrace.run("--version")
    #expect(outcome.outputText == "millrace 0.1.0\n")
    #expect(outcome.status == 0)
  }

  @Test(arguments: [
    ("read", "Name a directory or a file, or use --files-from."),
    ("hash", "Name a directory or a file, or use --files-from."),
    ("count", "Name a directory or a file, or use --files-from."),
    ("compare", "Name a directory or a file, or use --files-from."),
    ("hash --algorithm sha3 .", "The value 'sha3' is invalid for '--algorithm <algorithm>'."),
    ("hash --engine steam .", "The value 'steam' is invalid for '--engine <engine>'."),
    ("hash --steam .", "Unknown option '--steam'"),
    ("grind", "Unexpected argument 'grind'"),
    ("hash --files-from list .", "--files-from takes the place of paths."),
    ("hash -0 .", "-0 goes with --files-from."),
    ("hash --check --tag m", "--check takes neither --files-from nor --tag."),
    ("hash --check --files-from m", "--check takes neither --files-from nor --tag."),
    ("read -q -v .", "-q and -v exclude each other."),
    ("read --loops 0 .", "--loops is a number from 1 to 256."),
    ("read --depth 4097 .", "--depth is a number from 1 to 4096."),
    ("read --buffer-size 65MiB .", "--buffer-size is at most 64MiB."),
    ("read --buffer-size 1.5K .", "The value '1.5K' is invalid for '--buffer-size <buffer-size>'"),
    ("compare --runs 0 .", "--runs is a number from 1 to 1000."),
    ("compare --engines steam .", "The value 'steam' is invalid for '--engines <engines>'"),
    ("compare --engines threads,threads .", "The value 'threads,threads' is invalid for '--engines <engines>'"),
    ("compare --engines , .", "The value ',' is invalid for '--engines <engines>'"),
    ("compare --job grind .", "The value 'grind' is invalid for '--job <job>'."),
    ("compare --files-from -", "Standard input can be read only once: --files-from takes a file here."),
    ("compare . --into x", "--into goes with --job copy and --job transform."),
    ("compare . --sync inside --job hash", "--sync goes with --job copy and --job transform."),
    ("compare . --writes ring", "--writes goes with --job copy and --job transform."),
    ("compare . --job copy", "--job copy writes: name a directory for it with --into."),
    ("compare . --job transform", "--job transform writes: name a directory for it with --into."),
    (
      "compare --job copy --files-from list --into x",
      "--job copy takes trees: name them as paths, without --files-from."
    ),
    ("compare . --job copy --into x --sync never", "The value 'never' is invalid for '--sync <sync>'."),
    ("demo --seconds nan", "--seconds is a number from 0 to 3600."),
    ("demo --tasks 0", "--tasks is a number from 1 to 1000000."),
  ])
  func a_slip_is_one_message_and_status_64(arguments: String, message: String) async throws {
    let outcome = try await Millrace.shell("$MILLRACE \(arguments)")
    #expect(outcome.outputText == "")
    #expect(outcome.errorLines.first?.hasPrefix("Error: \(message)") == true, "\(outcome.errorText)")
    #expect(outcome.errorLines.count(where: { $0.hasPrefix("Error: ") }) == 1)
    #expect(outcome.status == 64)
  }
}
