import FilePipeline
import Testing

@testable import MillraceCommand

@Suite struct CheckTallyTests {
  @Test func nothing_and_matches_are_good() {
    var counts = CheckCounts()
    #expect(counts.areGood)
    counts.add(.matched)
    #expect(counts.areGood)
    #expect(counts.matched == 1)
  }

  @Test(
    arguments: [
      { $0.add(.mismatched) }, { $0.add(.unreadable(FileError(path: [], operation: .open, cause: .notRegular))) },
      { $0.malformed += 1 }, { $0.emptyManifests += 1 }, { $0.unreadableManifests += 1 },
    ] as [@Sendable (inout CheckCounts) -> Void])
  func anything_else_is_not(event: @Sendable (inout CheckCounts) -> Void) {
    var counts = CheckCounts()
    counts.add(.matched)
    event(&counts)
    #expect(!counts.areGood)
  }
}
