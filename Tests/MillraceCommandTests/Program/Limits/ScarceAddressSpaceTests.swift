import FileTestSupport
import TestTurns
import Testing

/// The program with limited address space (`ulimit -v`): it completes its work, or reports that there is too little.
@Suite(.inTurn, .needsScarceAddressSpace) struct ScarceAddressSpaceTests {
  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for number in 0..<300 { try directory.write([UInt8].noise(5000 * number % 200_000), to: bytes("\(number)")) }
    try directory.write([UInt8].noise(8 << 20), to: bytes("large"))
    return directory
  }

  @Test(arguments: ["auto"] + everyEngine)
  func work_is_done_whole_or_not_at_all(engine: String) async throws {
    try requireEngine(engine)
    let directory = try directory()
    let expected = try await Millrace.run("hash", ".", in: directory).output
    for limit in [100_000, 125_000, 150_000, 200_000, 300_000, 400_000, 600_000] {
      let outcome = try await ScarceResources.shell(
        addressSpace: limit, "$MILLRACE hash --engine \(engine) .", in: directory)
      let isWhole = outcome.status == 0 && outcome.output == expected && outcome.errorText == ""
      let isRefused =
        outcome.status == 2 && outcome.output == [] && outcome.errorLines.count == 1
        && outcome.errorText.contains("(ulimit -v)")
      // The dynamic linker's message.
      let isNotLoaded = outcome.status == 127 && outcome.errorText.contains("error while loading shared libraries")
      #expect(isWhole || isRefused || isNotLoaded, "\(limit) KiB: \(outcome.status), \(outcome.errorText)")
      // Twice the need of the program and its libraries without files.
      if limit >= 300_000 { #expect(isWhole, "\(limit) KiB: \(outcome.errorText)") }
    }
  }
}
