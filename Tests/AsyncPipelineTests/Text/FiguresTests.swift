import Foundation
import Testing

@testable import AsyncPipeline

@Suite struct FiguresTests {
  @Test(
    arguments: [
      (0, "0.000 s"), (0.0004, "0.000 s"), (0.0005, "0.001 s"), (1.5, "1.500 s"), (12.3456, "12.346 s"),
      (0.9996, "1.000 s"), (59.9999, "60.000 s"), (-0.0001, "0.000 s"), (-1.25, "-1.250 s"), (123456, "123456.000 s"),
      (1e300, "1e+300 s"), (.infinity, "inf s"), (.nan, "nan s"),
    ] as [(Double, String)])
  func seconds(value: Double, text: String) {
    #expect(Figures.seconds(value) == text)
  }

  @Test(
    arguments: [
      (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (129_794, "129,794"), (1_000_000, "1,000,000"),
      (-999, "-999"), (-1234, "-1,234"), (Int.min, "-9,223,372,036,854,775,808"),
    ] as [(Int, String)])
  func grouped(value: Int, text: String) {
    #expect(Figures.grouped(value) == text)
  }

  @Test(
    arguments: [
      (0, "0"), (999, "999"), (1000, "1.00 k"), (9994, "9.99 k"), (9995, "10.0 k"), (12_345, "12.3 k"),
      (99_949, "99.9 k"), (99_950, "100 k"), (999_499, "999 k"), (999_500, "1.00 M"), (999_999_999, "1.00 G"),
      (-1500, "-1.50 k"), (Int.max, "9.22 E"),
    ] as [(Int, String)])
  func counts(value: Int, text: String) {
    #expect(Figures.count(value) == text)
  }

  @Test(
    arguments: [
      (0, "0 B"), (512, "512 B"), (1000, "1.00 kB"), (65_536, "65.5 kB"), (2_680_000_000, "2.68 GB"),
      (549_000_000, "549 MB"), (1_500_000_000_000, "1.50 TB"),
    ] as [(Int, String)])
  func bytes(value: Int, text: String) {
    #expect(Figures.bytes(value) == text)
  }

  @Test(
    arguments: [
      (0, "0 s"), (1, "1 ns"), (999, "999 ns"), (1_000, "1.00 µs"), (45_600_000, "45.6 ms"), (999_600_000, "1.00 s"),
      (2_571_000_000, "2.57 s"), (12_345_600_000_000, "12346 s"),
    ] as [(Int64, String)])
  func durations(nanoseconds: Int64, text: String) {
    #expect(Figures.duration(nanoseconds: nanoseconds) == text)
  }

  @Test func shares() {
    #expect([0, 0.004, 0.005, 0.974, 1].map(Figures.percent) == ["0 %", "0 %", "1 %", "97 %", "100 %"])
  }

  @Test(
    arguments: [
      (1, "1.00 ×"), (3.4199, "3.42 ×"), (12.34, "12.3 ×"), (123.4, "123 ×"), (0.5, "0.50 ×"), (0.0123, "0.012 ×"),
      (9.996, "10.0 ×"), (99.96, "100 ×"), (6000.4, "6000 ×"),
    ] as [(Double, String)])
  func ratios(value: Double, text: String) {
    #expect(Figures.ratio(value) == text)
  }

  @Test(arguments: [1, Int.random(in: 0...Int.max)])
  func decimals_are_within_half_a_unit_of_the_value(seed: Int) throws {
    var random = SeededGenerator(seed: seed)
    for _ in 0..<2000 {
      let value = Double.random(in: -1e6...1e6, using: &random) / [1, 1e3, 1e6].randomElement(using: &random)!
      let places = Int.random(in: 0...6, using: &random)
      let text = Figures.decimal(value, places: places)
      let back = try #require(Double(text))
      #expect((back - value).magnitude <= 0.5000001 * pow(10, -Double(places)), "\(value)")
      #expect(text.split(separator: ".").dropFirst().first?.count ?? 0 == places, "\(value)")
    }
  }
}
