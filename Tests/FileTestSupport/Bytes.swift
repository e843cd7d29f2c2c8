import Glibc

extension [UInt8] {
  /// Calls `body` with the bytes as C wants them, a NUL behind.
  public func withCString<R>(_ body: (UnsafePointer<CChar>) -> R) -> R {
    (self + [0]).withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress!) }
    }
  }

  /// `count` bytes without a period, the same for the same seed: blocks of one page, equal but for a number at the
  /// start of each. A debug build takes seconds for megabytes that are drawn one by one.
  public static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SeededRandom(seed: seed)
    var block: [UInt8] = []
    while block.count < Swift.min(count, 4096) {
      Swift.withUnsafeBytes(of: random.next()) { block.append(contentsOf: $0) }
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + block.count)
    while bytes.count < count {
      Swift.withUnsafeBytes(of: random.next()) { block.replaceSubrange(0..<$0.count, with: $0) }
      bytes.append(contentsOf: block)
    }
    return Array(bytes.prefix(count))
  }
}

/// Compares bytes by memcmp(3), in all tests that import this module. The standard library's operator calls a function
/// for each element in a debug build, which takes seconds for megabytes.
public func == (left: [UInt8], right: [UInt8]) -> Bool {
  guard left.count == right.count, !left.isEmpty else { return left.count == right.count }
  return left.withUnsafeBytes { left in
    right.withUnsafeBytes { memcmp(left.baseAddress!, $0.baseAddress!, left.count) == 0 }
  }
}

/// A generator whose numbers follow from its seed: a Weyl sequence, mixed.
public struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) {
    state = seed
  }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
    mixed = (mixed ^ (mixed >> 32)) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ (mixed >> 32)
  }
}
