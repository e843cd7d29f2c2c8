/// An element that counts the instances of its type.
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
