/// Numbers as text for people. The decimal point is a point and the groups are set off by commas whatever the locale,
/// so that figures can be compared from one machine to the next.
package enum Figures {
  /// Seconds to the millisecond: `12.346 s`.
  package static func seconds(_ value: Double) -> String {
    decimal(value, places: 3) + " s"
  }

  /// Nanoseconds to three significant digits, in the unit that fits: `0 s`, `45.6 ms`, `2.57 s`.
  package static func duration(nanoseconds: Int64) -> String {
    nanoseconds == 0 ? "0 s" : scaled(Int(nanoseconds), units: [" ns", " µs", " ms", " s"])
  }

  /// A share to a whole percent: `97 %`.
  package static func percent(_ share: Double) -> String {
    decimal(share * 100, places: 0) + " %"
  }

  /// A count in groups of three digits: `129,794`.
  package static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
      text.append(digit)
    }
    return text
  }

  /// A count of things: `1 file`, `129,794 files`.
  /// - Parameter noun: one whose plural ends in s.
  package static func counted(_ value: Int, _ noun: String) -> String {
    "\(grouped(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// A count to three significant digits: `12.3 k`, `1.80 M`. Below a thousand it is exact.
  package static func count(_ value: Int) -> String {
    scaled(value, units: ["", " k", " M", " G", " T", " P", " E"])
  }

  /// A number of bytes to three significant digits, in powers of 1000 as disks are sold: `2.68 GB`.
  package static func bytes(_ value: Int) -> String {
    scaled(value, units: [" B", " kB", " MB", " GB", " TB", " PB", " EB"])
  }

  /// How many times as much: `3.42 ×`. Two places, fewer from 10 up, three below a tenth.
  package static func ratio(_ value: Double) -> String {
    let places = value.magnitude < 0.1 ? 3 : places(forThreeDigits: value)
    return decimal(value, places: places) + " ×"
  }

  /// `value` rounded to `places` after the point, halves away from zero. It is scaled before it is rounded, so a value
  /// within one rounding error of a half may go either way.
  package static func decimal(_ value: Double, places: Int) -> String {
    let unit = (0..<places).reduce(1.0) { unit, _ in unit * 10 }
    let scaled = (value.magnitude * unit).rounded(.toNearestOrAwayFromZero)
    // Beyond 2⁵³ a Double has no digits after the point to lose.
    guard scaled < 0x1p53 else { return "\(value)" }
    let digits = String(UInt64(scaled))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }

  private static func scaled(_ value: Int, units: [String]) -> String {
    var scaled = Double(value)
    var exponent = 0
    // 999.5 and above would be rounded to 1000, which is 1.00 of the next unit.
    while scaled.magnitude >= (exponent == 0 ? 1000 : 999.5), exponent < units.count - 1 {
      scaled /= 1000
      exponent += 1
    }
    return decimal(scaled, places: exponent == 0 ? 0 : places(forThreeDigits: scaled)) + units[exponent]
  }

  /// How many places show three digits in all. 9.995 is rounded to 10, so it has two digits before the point.
  private static func places(forThreeDigits value: Double) -> Int {
    value.magnitude < 9.995 ? 2 : value.magnitude < 99.95 ? 1 : 0
  }
}
