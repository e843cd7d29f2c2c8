import Testing

@testable import AsyncPipeline

@Suite
struct BottleneckTests {
  private typealias Stage = PipelineReport.Stage

  @Test func stage_that_others_wait_for_is_named_with_the_reason() throws {
    let report = PipelineReport.made(
      .made("source", busy: 0.4, blocked: 9.4), .made("decode", tasks: 4, busy: 38.8, starved: 1.2),
      .made("write", busy: 1, starved: 9), .made("forEach", busy: 0.3, starved: 9.6))
    let bottleneck = try #require(report.bottleneck)
    #expect(bottleneck.stage == report.stages[1])
    #expect(
      bottleneck.reason
        == """
        The bottleneck is decode: its 4 tasks were busy for 97 % of the time, while the source was blocked for 94 % \
        and the sink (forEach) was starved for 96 %.
        """)
  }

  @Test func source_and_sink_are_named_as_such() {
    let slowSource = PipelineReport.made(.made("source", busy: 9), .made("forEach", busy: 1, starved: 9))
    #expect(
      slowSource.bottleneck?.reason
        == """
        The bottleneck is the source: its task was busy for 90 % of the time, while the sink (forEach) was \
        starved for 90 %.
        """)
    let slowSink = PipelineReport.made(.made("source", busy: 1, blocked: 8), .made("fold", busy: 10))
    #expect(
      slowSink.bottleneck?.reason
        == """
        The bottleneck is the sink (fold): its task was busy for 100 % of the time, while the source was \
        blocked for 80 %.
        """)
  }

  @Test func stages_of_equal_names_are_numbered() {
    let report = PipelineReport.made(
      .made("source"), .made("mapAsync", tasks: 2, blocked: 18), .made("mapAsync", tasks: 2, busy: 20), .made("forEach")
    )
    #expect(
      report.bottleneck?.reason
        == """
        The bottleneck is mapAsync #2: its 2 tasks were busy for 100 % of the time, while mapAsync #1 was \
        blocked for 90 %.
        """)
  }

  @Test func delay_counts_as_occupation() {
    let report = PipelineReport.made(
      .made("source", busy: 1, blocked: 9), .made("throttle", busy: 2, delayed: 8), .made("forEach", starved: 10))
    #expect(report.bottleneck?.stage.name == "throttle")
    #expect(report.bottleneck?.reason.contains("was busy for 20 % and delayed for 80 %") == true)
  }

  /// It was always busy, but for a short time.
  @Test func source_that_ends_early_is_not_the_bottleneck() {
    let report = PipelineReport.made(
      .made("source", busy: 0.1), .made("mapAsync", tasks: 8, busy: 60), .made("forEach", starved: 10))
    #expect(report.bottleneck?.stage.name == "mapAsync")
  }

  @Test(arguments: [
    PipelineReport.made(.made("source", busy: 9.5), .made("forEach", busy: 9)),
    .made(.made("source", busy: 4.9), .made("forEach", busy: 1)),
    .made(.made("source", tasks: 0), .made("merge", tasks: 0), .made("collect", tasks: 0)),
    PipelineReport(stages: [], durationNanoseconds: 0, failures: []),
    PipelineReport(stages: [.made("source")], durationNanoseconds: 0, failures: []),
  ])
  func balanced_or_idle_run_has_no_bottleneck(in report: PipelineReport) {
    #expect(report.bottleneck == nil)
  }
}
