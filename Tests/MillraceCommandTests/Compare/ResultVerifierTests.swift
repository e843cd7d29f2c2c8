import SystemPackage
import Testing

@testable import FilePipeline
@testable import MillraceCommand

@Suite struct ResultVerifierTests {
  /// The difference after one run for each list of results: a path, and an errno if the file failed.
  private func difference(_ runs: [[(path: String, errno: Errno?)]]) -> ResultDifference? {
    var verifier = ResultVerifier()
    for (index, run) in runs.enumerated() {
      let pass = verifier.pass(by: index == 0 ? .blocking : .uring)
      for (path, errno) in run { pass.check(result(path, errno)) }
      verifier.finish(pass)
    }
    return verifier.difference
  }

  /// Only a pipeline can make successful results, so these are failures.
  private func result(_ path: String, _ errno: Errno?) -> FileResult<Int> {
    let error = FileError(path: bytes(path), operation: .open, cause: errno.map { .system($0) } ?? .notRegular)
    let file = FileEntry(WalkEntry(.failure(error)), index: 0, in: FileSession(.auto))
    return FileResult(file, .failure(error))
  }

  private func expected(_ location: ResultDifference.Location) -> ResultDifference {
    ResultDifference(location: location, engine: .uring, reference: .blocking)
  }

  @Test func equal_results() {
    #expect(difference([]) == nil)
    #expect(difference([[], []]) == nil)
    #expect(difference([[("a", nil), ("b", .ioError)], [("a", nil), ("b", .ioError)]]) == nil)
  }

  @Test func another_result() {
    #expect(difference([[("a", nil), ("b", nil)], [("a", nil), ("b", .ioError)]]) == expected(.at(bytes("b"))))
  }

  @Test func a_file_that_is_missing_or_extra_between_others() {
    #expect(difference([[("a", nil), ("b", nil)], [("b", nil)]]) == expected(.at(bytes("b"))))
    #expect(difference([[("b", nil)], [("a", nil), ("b", nil)]]) == expected(.at(bytes("a"))))
  }

  @Test func files_that_are_missing_at_the_end() {
    #expect(difference([[("a", nil), ("b", nil)], [("a", nil)]]) == expected(.missing(after: bytes("a"))))
    #expect(difference([[("a", nil)], []]) == expected(.missing(after: nil)))
  }

  @Test func extra_files_at_the_end() {
    #expect(difference([[("a", nil)], [("a", nil), ("b", nil), ("c", nil)]]) == expected(.extra(bytes("b"))))
    #expect(difference([[], [("a", nil)]]) == expected(.extra(bytes("a"))))
  }

  @Test func the_first_difference_is_kept() {
    let runs: [[(path: String, errno: Errno?)]] = [[("a", nil), ("b", nil)], [("a", nil)], [("a", .ioError)]]
    #expect(difference(runs) == expected(.missing(after: bytes("a"))))
  }

  @Test func messages_name_both_engines() {
    #expect(expected(.at([])).message == "the uring engine's result is not that of the blocking engine")
    #expect(expected(.extra([])).message == "the uring engine found this file, the blocking engine did not")
    #expect(
      expected(.missing(after: [])).message
        == "the uring engine found no file after this one, the blocking engine did")
    #expect(expected(.missing(after: nil)).message == "the uring engine found no file, the blocking engine did")
  }
}
