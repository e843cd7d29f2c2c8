import ArgumentParser

/// A number of bytes such as `4096`, `128K`, `128KiB` or `1MB`.
///
/// A letter alone or followed by `iB` counts in powers of 1024, as `dd` and `ls -h` have it; a letter followed by `B`
/// in powers of 1000. Case does not matter. Zero, signs, fractions and spaces are refused.
struct ByteSize: Hashable, Sendable {
  private static let letters: [UInt8] = Array("kmgt".utf8)

  /// At least 1.
  let bytes: Int

  init?(bytes: Int) {
    if bytes < 1 { return nil }
    self.bytes = bytes
  }

  init?(_ text: String) {
    // Bytes, not characters: lower-casing the text would turn the Kelvin sign into a k.
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    let suffix = text.utf8[digits.endIndex...].map { $0 | 0x20 }
    guard let number = Int(String(decoding: digits, as: UTF8.self)), let unit = Self.unit(suffix) else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: unit)
    if overflow { return nil }
    self.init(bytes: bytes)
  }

  /// The number of bytes in the unit of a suffix in lower case.
  private static func unit(_ suffix: [UInt8]) -> Int? {
    guard let letter = suffix.first else { return 1 }
    guard let index = letters.firstIndex(of: letter) else { return nil }
    let base: Int
    switch Array(suffix.dropFirst()) {
    case [], Array("ib".utf8): base = 1024
    case Array("b".utf8): base = 1000
    default: return nil
    }
    return (0...index).reduce(1) { unit, _ in unit * base }
  }
}

extension ByteSize: CustomStringConvertible {
  /// The exact size in the largest power of 1024 that divides it: `128KiB`. It parses as the same size.
  var description: String {
    var count = bytes
    var suffix = ""
    for unit in ["KiB", "MiB", "GiB", "TiB"] where count.isMultiple(of: 1024) {
      count /= 1024
      suffix = unit
    }
    return "\(count)\(suffix)"
  }
}

extension ByteSize: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}
