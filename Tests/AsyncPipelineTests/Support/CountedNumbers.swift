/// All numbers from 0 on; counts how many were requested.
struct CountedNumbers: Sequence, Sendable {
  let asked: Counter

  func makeIterator() -> AnyIterator<Int> {
    AnyIterator { asked.add() - 1 }
  }
}
