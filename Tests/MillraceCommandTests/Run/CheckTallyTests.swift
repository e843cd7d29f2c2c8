import FilePipeline
import Testing

@testable import MillraceCommand

@Suite struct CheckTallyTests {
  @Test func nothing_and_matches_are_good() {
    let tally = CheckTally()
    #expect(tally.isGood)
    tally.count(.matched)
    #expect(tally.isGood)
    #expect(tally.record.matched == 1)
  }

  @Test(
    arguments: [
      { $0.count(.mismatched) }, { $0.count(.unreadable(FileError(path: [], operation: .open, cause: .notRegular))) },
      { $0.countMalformed() }, { $0.countEmptyManifest() },
      { $0.countUnreadableManifest() },
    ] as [@Sendable (CheckTally) -> Void])
  func anything_else_is_not(event: @Sendable (CheckTally) -> Void) {
    let tally = CheckTally()
    tally.count(.matched)
    event(tally)
    #expect(!tally.isGood)
  }
}
