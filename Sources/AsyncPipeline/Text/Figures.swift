/// Formats numbers for humans, with a decimal point and commas between groups of digits in every locale, so that
/// figures of different machines can be compared.
package enum Figures {
  /// Seconds to the millisecond: `12.346 s`.
  package static func seconds(_ value: Double) -> String {
    decimal(value, places: 3) + " s"
  }

  /// Nanoseconds to three significant digits, in the unit that fits: `0 s`, `45.6 ms`, `2.57 s`.
  package static func duration(nanoseconds: Int64) -> String {
    nanoseconds == 0 ? "0 s" : scaled(Int(nanoseconds), units: [" ns", " µs", " ms", " s"])
  }

  /// A fraction as a whole percentage: `97 %`.
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

  /// A number of things: `1 file`, `129,794 files`.
  ///
  /// - Parameter noun: a noun that forms its plural with "s".
  package static func counted(_ value: Int, _ noun: String) -> String {
    "\(grouped(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// A count to three significant digits: `12.3 k`, `1.80 M`. Below a thousand it is exact.
  package static func count(_ value: Int) -> String {
    scaled(value, units: ["", " k", " M", " G", " T", " P", " E"])
  }

  /// A number of bytes to three significant digits, in decimal units: `2.68 GB`.
  package static func bytes(_ value: Int) -> String {
    scaled(value, units: [" B", " kB", " MB", " GB", " TB", " PB", " EB"])
  }

  /// A ratio: `3.42 ×`. Two decimal places, fewer from 10 up, three below a tenth.
  package static func ratio(_ value: Double) -> String {
    let places = value.magnitude < 0.1 ? 3 : places(forThreeDigits: value)
    return decimal(value, places: places) + " ×"
  }

  /// `value` rounded to `places` decimal places, halves away from zero. It is scaled before it is rounded, so a value
  /// within one rounding error of a half may be rounded either way.
  package static func decimal(_ value: Double, places: Int) -> String {
    let unit = (0..<places).reduce(1.0) { unit, _ in unit * 10 }
    let scaled = (value.magnitude * unit).rounded(.toNearestOrAwayFromZero)
    // From 2⁵³ on a Double has no fractional part.
    guard scaled < 0x1p53 else { return "\(value)" }
    let digits = String(UInt64(scaled))
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let sign = value < 0 && scaled > 0 ? "-" : ""
    return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }

  private static func scaled(_ value: Int, units: [String]) -> String {
    var scaled = Double(value)
    var exponent = 0
    // 999.5 and above would be rounded to 1000, which is 1.00 in the next unit.
    while scaled.magnitude >= (exponent == 0 ? 1000 : 999.5), exponent < units.count - 1 {
      scaled /= 1000
      exponent += 1
    }
    return decimal(scaled, places: exponent == 0 ? 0 : places(forThreeDigits: scaled)) + units[exponent]
  }

  /// The number of decimal places that gives three digits. 9.995 is rounded to 10, which has two digits before the
  /// point.
  private static func places(forThreeDigits value: Double) -> Int {
    value.magnitude < 9.995 ? 2 : value.magnitude < 99.95 ? 1 : 0
  }
}
