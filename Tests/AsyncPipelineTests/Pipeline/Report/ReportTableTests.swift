import Foundation
import Testing

@testable import AsyncPipeline

@Suite
struct ReportTableTests {
  private let report = PipelineReport.made(
    .made("source", elements: 800_000, busy: 0.5, blocked: 9.25, bytes: 2_680_000_000, operators: ["map", "scan"]),
    .made(
      "mapAsync", tasks: 8, elements: 800_000, busy: 79, starved: 1, failed: 3, attempts: 800_123, queue: 192,
      note: "chose a width of 8"),
    .made(
      "throttle", elements: 799_997, busy: 0.0000125, starved: 9.5, delayed: 0.000_000_3,
      metrics: ["b": 2, "a": 1_234]),
    .made("merge", tasks: 0, elements: 799_997),
    .made("forEach", elements: 799_997, busy: 0.0456, starved: 9.9, queue: 64),
    failures: [PipelineFailure(stage: "mapAsync", element: "7", attempt: 2, cause: Failure(element: 7))])

  @Test func description_is_a_table_with_the_notes_of_the_stages() {
    #expect(
      "\(report)"
        == """
        stage              in      out  failed  skipped    bytes  attempts  queue     busy  blocked  starved  delayed
        ------------  -------  -------  ------  -------  -------  --------  -----  -------  -------  -------  -------
        source        800,000  800,000       0        0  2.68 GB         0      0   500 ms   9.25 s      0 s      0 s
        mapAsync × 8  800,000  799,997       3        0      0 B   800,123    192   79.0 s      0 s   1.00 s      0 s
        throttle      799,997  799,997       0        0      0 B         0      0  12.5 µs      0 s   9.50 s   300 ns
        merge         799,997  799,997       0        0      0 B         0      0        –        –        –        –
        forEach       799,997  799,997       0        0      0 B         0     64  45.6 ms      0 s   9.90 s      0 s

        source: runs map, scan
        mapAsync: chose a width of 8
        throttle: a 1,234, b 2
        1 failure, the first: mapAsync, element 7, attempt 2: Failure(element: 7)
        Ran for 10.0 s.
        The bottleneck is mapAsync: its 8 tasks were busy for 99 % of the time, while the source was blocked for \
        93 % and the sink (forEach) was starved for 99 %.
        """)
  }

  @Test func table_of_a_usual_run_is_at_most_a_hundred_columns_wide() {
    let usual = PipelineReport.made(
      .made("source", elements: 1_000_000, busy: 0.123, blocked: 0.456),
      .made(
        "mapAsync", tasks: 16, elements: 1_000_000, busy: 123, blocked: 123, starved: 123, failed: 99_999,
        attempts: 1_000_000, queue: 1_024),
      .made("forEach", elements: 1_000_000, busy: 0.0456, starved: 0.00789))
    let width = "\(usual)".split(separator: "\n").prefix(5).map(\.count).max()
    #expect(width! <= 100)
  }

  @Test func report_survives_encoding() throws {
    let copy = try JSONDecoder().decode(PipelineReport.self, from: JSONEncoder().encode(report))
    #expect(copy == report)
    #expect("\(copy)" == "\(report)")
    #expect(copy.bottleneck == report.bottleneck)
  }

  @Test func report_of_a_run_survives_encoding() async throws {
    let run = try await Pipeline(0..<100).mapAsync(width: .automatic) { element in
      if element % 10 == 3 { throw Failure(element: element) }
      return element
    }.onFailure(.collect(limit: 10)).forEach { _ in }
    let copy = try JSONDecoder().decode(PipelineReport.self, from: JSONEncoder().encode(run))
    #expect(copy == run && copy.failures.count == 10)
  }
}
