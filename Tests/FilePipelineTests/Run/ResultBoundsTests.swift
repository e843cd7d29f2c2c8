import Testing

@testable import FilePipeline

struct ResultBoundsTests {
  @Test func outputs_with_references_are_few() {
    #expect(bounds(of: Int.self, workers: 64) == [4096, 1280])
    #expect(bounds(of: [UInt8].self, workers: 64) == [128, nil])
    #expect(bounds(of: String.self, workers: 1) == [2, nil])
    // The window must not be longer than for small outputs.
    #expect(bounds(of: [UInt8].self, workers: 10_000) == [4096, nil])
  }

  /// As many as fit into 4 MiB, and at least enough for the workers.
  @Test func outputs_that_lie_in_their_results_are_as_many_as_fit() {
    let (few, many) = (bounds(of: Large.self, workers: 4), bounds(of: Large.self, workers: 500))
    #expect(few == [ResultBounds.plainBytes / MemoryLayout<FileResult<Large>>.stride, few[0]])
    #expect(few[0]! > 50 && few[0]! < 64)
    #expect(many == [1000, few[0]])
  }

  private typealias Large = InlineArray<65536, UInt8>

  private func bounds<Output: Sendable>(of output: Output.Type, workers: Int) -> [Int?] {
    let bounds = ResultBounds(of: FileResult<Output>.self, output)
    return [bounds.window(workers: workers), bounds.buffered]
  }
}
