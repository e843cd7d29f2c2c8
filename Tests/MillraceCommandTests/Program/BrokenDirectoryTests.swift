import FileTestSupport
import TestTurns
import Testing

/// Directories that can be listed only in part.
@Suite(.inTurn) struct BrokenDirectoryTests {
  /// With names of this length one getdents64(2) call, of 64 KiB, lists less than half of the directory.
  private static let fileCount = 1000

  private func directory() throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for number in 0..<Self.fileCount {
      try directory.write([], to: bytes("\(number)" + String(repeating: "n", count: 200 - "\(number)".count)))
    }
    return directory
  }

  @Test(.needsStrace, arguments: everyEngine)
  func names_that_came_before_an_error_are_processed(engine: String) async throws {
    try requireEngine(engine)
    let outcome = try await InjectedErrors.shell(
      "$MILLRACE hash --engine \(engine) .", "getdents64:error=EIO:when=2", in: directory())
    let names = outcome.outputLines.map { $0.dropFirst(64) }
    #expect((1..<Self.fileCount).contains(names.count))
    let isSorted = zip(names, names.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
    #expect(isSorted)
    #expect(outcome.errorText == "millrace: .: list: Input/output error\n")
    #expect(outcome.status == 1)
  }

  @Test(.needsStrace) func listing_goes_on_after_a_signal() async throws {
    let outcome = try await InjectedErrors.shell("$MILLRACE hash .", "getdents64:error=EINTR:when=2+2", in: directory())
    #expect(outcome.outputLines.count == Self.fileCount)
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }
}
