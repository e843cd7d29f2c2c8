import Testing

@testable import AsyncPipeline

@Suite(.timeLimit(.minutes(5)))
struct ReorderWindowTests {
  @Test(arguments: 1...5)
  func window_agrees_with_the_model_in_every_order(size: Int) throws {
    var exploration = WindowExploration(total: 8)
    try exploration.explore(ReorderWindow(size: size), WindowModel(size: size))
    #expect(exploration.states > 40)
  }

  /// Every order in which a full window can finish, wherever in the ring it begins, whatever is dropped.
  @Test(arguments: 1...4)
  func full_window_leaves_in_order_when_it_finishes_in_any(size: Int) {
    for order in permutations(of: Array(0..<size)) {
      for start in 0..<size {
        for dropped in 0..<1 << size {
          var window = ReorderWindow<Int>(size: size)
          skip(start, &window)
          #expect(window.admit(size) == start..<start + size)
          var left: [Int] = []
          for slot in order {
            window.finish(start + slot, dropped >> slot & 1 == 1 ? nil : slot)
            left += window.takeReady()
          }
          let expected = (0..<size).filter { dropped >> $0 & 1 == 0 }
          if left != expected { Issue.record("\(order) from \(start) without \(dropped) leave as \(left)") }
        }
      }
    }
  }

  @Test func slots_are_not_free_before_their_elements_have_been_passed_on() {
    var window = ReorderWindow<String>(size: 2)
    #expect(window.admit(2) == 0..<2)
    window.finish(0, "a")
    #expect(window.takeReady() == ["a"])
    #expect(window.freeCount == 0)
    #expect(window.admit(1) == nil)
    window.freeSlots()
    #expect(window.freeCount == 1)
    #expect(window.admit(1) == 2..<3)
  }

  private func skip(_ count: Int, _ window: inout ReorderWindow<Int>) {
    for _ in 0..<count {
      guard let number = window.admit(1)?.first else { return }
      window.finish(number, nil)
      _ = window.takeReady()
      window.freeSlots()
    }
  }

  private func permutations(of list: [Int]) -> [[Int]] {
    if list.isEmpty { return [[]] }
    return list.indices.flatMap { index in
      var rest = list
      let first = rest.remove(at: index)
      return permutations(of: rest).map { [first] + $0 }
    }
  }
}
