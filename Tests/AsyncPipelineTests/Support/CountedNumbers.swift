/// The numbers from 0 on, for ever; it counts how many were asked for.
struct CountedNumbers: Sequence, Sendable {
  let asked: Counter

  func makeIterator() -> AnyIterator<Int> {
    AnyIterator { asked.add() - 1 }
  }
}
