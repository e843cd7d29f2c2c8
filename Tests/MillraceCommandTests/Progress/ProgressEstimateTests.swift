import Testing

@testable import MillraceCommand

@Suite struct ProgressEstimateTests {
  private typealias Moment = ProgressEstimate.Moment
  private typealias Extent = ProgressGoal.Extent

  private static func estimate(_ moments: (Double, Int, Int64)...) -> ProgressEstimate {
    var estimate = ProgressEstimate()
    for (seconds, files, bytes) in moments { estimate.add(Moment(seconds: seconds, files: files, bytes: bytes)) }
    return estimate
  }

  @Test(
    arguments: [
      (estimate(), nil, "0 files, 0 B"),
      (estimate((1, 1, 3)), nil, "1 file, 3 B, 3 B/s"),
      (estimate((2, 4000, 300_000_000)), nil, "4,000 files, 300 MB, 150 MB/s"),
      // The walk continues: the total of bytes is not shown, and no remaining time.
      (
        estimate((2, 4000, 300_000_000)), Extent(files: 8096, bytes: 400_000_000),
        "4,000 of 8,096 files found so far, 300 MB, 150 MB/s"
      ),
      (
        estimate((2, 1, 200_000_000)), Extent(files: 2, bytes: 1_000_000_000, isWhole: true),
        "1 of 2 files, 200 MB of 1.00 GB, 100 MB/s, about 0:08 left"
      ),
      // Small files cost time by number.
      (
        estimate((10, 1000, 1000)), Extent(files: 7000, bytes: 1500, isWhole: true),
        "1,000 of 7,000 files, 1.00 kB of 1.50 kB, 100 B/s, about 1:00 left"
      ),
      // Nothing progresses, or everything is done: no remaining time.
      (estimate((1, 0, 0)), Extent(files: 5, bytes: 5, isWhole: true), "0 of 5 files, 0 B of 5 B, 0 B/s"),
      (estimate((1, 5, 5)), Extent(files: 5, bytes: 5, isWhole: true), "5 of 5 files, 5 B of 5 B, 5 B/s"),
      // A file has grown since the walk saw it.
      (estimate((1, 1, 9)), Extent(files: 1, bytes: 5, isWhole: true), "1 of 1 file, 9 B of 9 B, 9 B/s"),
    ] as [(ProgressEstimate, ProgressGoal.Extent?, String)])
  func the_line_tells_what_is_known(estimate: ProgressEstimate, goal: ProgressGoal.Extent?, text: String) {
    #expect(estimate.text(of: goal) == text)
  }

  @Test(arguments: [
    (0.2, "0:01"), (42, "0:42"), (59.5, "1:00"), (725, "12:05"), (3599, "59:59"), (11_520, "3 h 12 min"),
    (1e300, "833333 h 20 min"),
  ]) func times_are_rounded_up(seconds: Double, text: String) {
    #expect(ProgressEstimate.time(seconds) == text)
  }

  /// The disk becomes slower: after some seconds the estimate follows the new rate.
  @Test func the_rate_is_that_of_the_last_seconds() {
    var estimate = Self.estimate((10, 0, 1_000_000_000))
    let goal = Extent(files: 1, bytes: 1_300_000_000, isWhole: true)
    #expect(estimate.secondsLeft(to: goal) == 3)
    for second in 1...30 {
      estimate.add(Moment(seconds: 10 + Double(second), files: 0, bytes: 1_000_000_000 + Int64(second) * 1_000_000))
    }
    let left = estimate.secondsLeft(to: goal) ?? 0
    #expect(left > 200 && left < 275)
  }

  @Test func moments_without_time_between_them_change_nothing() {
    let estimate = Self.estimate((1, 1, 100), (1, 2, 200))
    #expect(estimate.text() == "1 file, 100 B, 100 B/s")
  }
}
