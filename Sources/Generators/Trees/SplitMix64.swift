/// A small generator of pseudo-random numbers whose sequence depends on its seed alone.
///
/// The standard library leaves itself the freedom to change how `Int.random(in:using:)`, `shuffle(using:)` and their
/// like draw from a generator. Files that must come out the same from every toolchain are therefore made with the
/// methods below, which promise not to change.
///
/// Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// A generator that shares `seed` with others, yet draws its own sequence because its name differs. So a file keeps
  /// its bytes when a file is added before it.
  package init(seed: UInt64, stream name: String) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // 64-bit FNV-1a
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    var mixer = SplitMix64(seed: seed)
    state = hash ^ mixer.next()
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

// MARK: - Draws

extension SplitMix64 {
  /// A number from 0 up to, not including, `limit`, which must be positive. The bias is below `limit` / 2⁶⁴.
  mutating func below(_ limit: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(limit)).high)
  }

  /// A number of the range, every one as likely as another.
  mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// A number from `-reach` to `reach`, those near zero being likelier: the sum of two draws.
  mutating func wobble(_ reach: Int) -> Int {
    below(reach + 1) - below(reach + 1)
  }

  /// True once in `count` times, on average.
  mutating func oneIn(_ count: Int) -> Bool {
    below(count) == 0
  }

  /// One of `items`, which must not be empty.
  mutating func pick<Item>(_ items: [Item]) -> Item {
    items[below(items.count)]
  }

  /// One of `items`, each with a likelihood in proportion to its weight.
  mutating func pick<Item>(weighted items: [(weight: Int, item: Item)]) -> Item {
    var left = below(items.reduce(0) { $0 + $1.weight })
    for (weight, item) in items {
      left -= weight
      if left < 0 { return item }
    }
    preconditionFailure("the draw is below the sum of the weights")
  }

  /// One of `items`, the first ones likelier than the last: of three draws the lowest counts.
  mutating func pick<Item>(favouringFirst items: [Item]) -> Item {
    items[min(below(items.count), below(items.count), below(items.count))]
  }

  /// A number from 0 up to, not including, 1, in steps of 2⁻⁵³.
  mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }
}
