/// An element that counts how many of its kind there are.
final class LiveElement: Sendable {
  let number: Int
  private let alive: Counter

  init(_ number: Int, alive: Counter) {
    (self.number, self.alive) = (number, alive)
    alive.add()
  }

  deinit {
    alive.add(-1)
  }
}
