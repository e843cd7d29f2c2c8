import Testing

@testable import FileEngines

struct OpenBatcherTests {
  @Test func request_goes_at_once_where_little_is_under_way() {
    let batcher = OpenBatcher<Int>(largest: 4)
    #expect(batcher.add(1) == [1])
    // The first is with the helpers.
    #expect(batcher.add(2) == [2])
    #expect(batcher.add(3) == [3])
    #expect(batcher.add(4) == [])
    #expect(batcher.add(5) == [4, 5])
  }

  @Test func requests_wait_for_what_comes_back() {
    let batcher = OpenBatcher<Int>(largest: 4)
    for _ in 0..<3 { batcher.begin() }
    #expect(batcher.add(1) == [])
    #expect(batcher.end() == [1])
  }

  @Test func enough_requests_wait_for_nothing() {
    let batcher = OpenBatcher<Int>(largest: 4)
    for _ in 0..<100 { batcher.begin() }
    for request in 1...3 { #expect(batcher.add(request) == []) }
    #expect(batcher.add(4) == [1, 2, 3, 4])
  }

  /// Reads that never return.
  @Test func request_goes_with_the_second_look_where_nothing_comes_back() {
    let batcher = OpenBatcher<Int>(largest: 4)
    for _ in 0..<100 { batcher.begin() }
    let nothing = batcher.look()
    #expect(nothing.batch == [] && nothing.isEmpty)
    #expect(batcher.add(1) == [])
    let first = batcher.look()
    #expect(first.batch == [] && !first.isEmpty)
    #expect(batcher.add(2) == [])
    let second = batcher.look()
    #expect(second.batch == [1, 2] && second.isEmpty)
    #expect(batcher.add(3) == [])
    let third = batcher.look()
    #expect(third.batch == [] && !third.isEmpty)
  }
}
