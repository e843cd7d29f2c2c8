import TestTurns
import Testing

@testable import MillraceCommand

/// Random lines, most of them a few bytes away from a proper one, read by the parser and by `sha256sum --check`.
@Suite(.inTurn, .comparedWithSha256sum) struct ManifestLineParserComparison {
  /// No hexadecimal digit, slash or dot: no name made of these is a file that exists.
  private static let noise = bytes(" \t*\\()=#nrqS\r") + [0xFF]

  @Test(arguments: 0..<4)
  func takes_and_refuses_the_lines_that_sha256sum_does(round: Int) async throws {
    let seed = Seed()
    var random = SplitMix64(state: seed.value &+ UInt64(round))
    let lines = (0..<400).map { _ in Self.line(&random) }
    let directory = try TemporaryDirectory()
    try directory.write(lines.flatMap { $0 + bytes("\n") }, to: bytes("m"))

    let outcome = try await directory.shell("sha256sum --check --warn m")

    let (names, refused) = read(lines)
    var output: [UInt8] = []
    for name in names {
      NameEscaping.appendStatusName(name, to: &output)
      output += bytes(": FAILED open or read\n")
    }
    #expect(outcome.output == output, "\(seed)")
    let messages = refused.map { "sha256sum: m: \($0): improperly formatted SHA256 checksum line" }
    let errors = String(decoding: outcome.errors, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(errors.filter { $0.contains("improperly formatted SHA256") } == messages, "\(seed)")
    #expect(names.count > 50 && refused.count > 50, "the generator has lost its balance: \(seed)")
  }

  /// The names in proper lines, and the numbers of the other lines.
  private func read(_ lines: [[UInt8]]) -> (names: [[UInt8]], refused: [Int]) {
    var parser = ManifestLineParser(plainAlgorithm: .sha256)
    var names: [[UInt8]] = []
    var refused: [Int] = []
    for (index, line) in lines.enumerated() {
      do {
        if let entry = try parser.entry(in: line) { names.append(entry.name) }
      } catch {
        refused.append(index + 1)
      }
    }
    return (names, refused)
  }

  private static func line(_ random: inout SplitMix64) -> [UInt8] {
    let name = random.bytes(count: 0...8, from: noise)
    let digits = bytes(Bool.random(using: &random) ? abcDigits : abcDigits.uppercased())
    var line: [UInt8] = Int.random(in: 0..<4, using: &random) == 0 ? bytes("\\") : []
    if Bool.random(using: &random) {
      line += digits + bytes(["  ", "  ", " *", " "].randomElement(using: &random)!) + name
    } else {
      line += bytes("SHA256 (") + name + bytes(") = ") + digits
    }
    for _ in 0..<Int.random(in: 0...2, using: &random) {
      let index = Int.random(in: 0...line.count, using: &random)
      if Bool.random(using: &random) {
        line.insert(noise.randomElement(using: &random)!, at: index)
      } else if index < line.count {
        line.remove(at: index)
      }
    }
    return line
  }
}
