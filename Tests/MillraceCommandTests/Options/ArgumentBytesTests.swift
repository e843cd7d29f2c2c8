import ArgumentParser
import Foundation
import Testing

@testable import MillraceCommand

@Suite struct ArgumentBytesTests {
  private struct Options: ParsableArguments {
    @Option var filesFrom: ArgumentBytes?
    @Option(name: .short) var output: ArgumentBytes?
    @Argument var paths: [ArgumentBytes] = []
  }

  private func parsable(_ bytes: [UInt8]) -> String { ArgumentBytes(bytes).parsable }

  @Test func valid_text_stays_as_it_is() {
    for text in ["", "plain", "é", "e\u{301}", "日本", "👩‍👩‍👧", "\u{FFFD}", "\u{10FF00}", "\u{10FF7F}", "\u{F0000}"] {
      #expect(Array(parsable(bytes(text)).utf8) == bytes(text))
    }
  }

  @Test func invalid_bytes_become_private_use_scalars() {
    #expect(parsable([0x61, 0xFF, 0x62]) == "a\u{10FFFF}b")
    // Truncated, overlong, a surrogate, beyond U+10FFFF.
    #expect(parsable([0xE2, 0x82, 0x61]) == "\u{10FFE2}\u{10FF82}a")
    #expect(parsable([0xC0, 0x80]) == "\u{10FFC0}\u{10FF80}")
    #expect(parsable([0xED, 0xA0, 0x80]) == "\u{10FFED}\u{10FFA0}\u{10FF80}")
    #expect(parsable([0xF4, 0x90, 0x80, 0x80]) == "\u{10FFF4}\u{10FF90}\u{10FF80}\u{10FF80}")
  }

  @Test func a_stand_in_on_the_command_line_is_not_mistaken_for_a_byte() {
    #expect(parsable(bytes("\u{10FFFF}")) == "\u{10FFF4}\u{10FF8F}\u{10FFBF}\u{10FFBF}")
    for value in UInt32(0x10_FF80)...0x10_FFFF {
      let original = bytes(String(Unicode.Scalar(value)!))
      #expect(ArgumentBytes(parsed: parsable(original)).bytes == original)
    }
  }

  @Test func every_sequence_of_two_bytes_comes_back() {
    var strings: Set<[UInt8]> = []
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let string = parsable([first, second])
        strings.insert(Array(string.utf8))
        #expect(ArgumentBytes(parsed: string).bytes == [first, second])
      }
    }
    #expect(strings.count == 1 << 16)
  }

  @Test func random_bytes_come_back() {
    let seed = Seed()
    var random = seed.generator()
    // Lead and continuation bytes at the edges of what is well-formed, and of the private-use scalars.
    let edges: [UInt8] = [0x61, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBE, 0xBF, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4]
    for _ in 0..<3000 {
      let noise = random.bytes(count: 0...20)
      #expect(ArgumentBytes(parsed: parsable(noise)).bytes == noise, "\(seed)")
      let sharp = random.bytes(count: 0...12, from: edges)
      #expect(ArgumentBytes(parsed: parsable(sharp)).bytes == sharp, "\(seed)")
    }
  }

  @Test func names_survive_the_parser() throws {
    let names = hostileNames
    let positional = try Options.parse(["--"] + names.map(parsable))
    #expect(positional.paths.map(\.bytes) == names)
    for name in names where name.first != UInt8(ascii: "-") {
      #expect(try Options.parse(["--files-from", parsable(name)]).filesFrom?.bytes == name)
      #expect(try Options.parse(["-o", parsable(name)]).output?.bytes == name)
    }
    let joined = try Options.parse(["--files-from=" + parsable([0xFF, 0x3D, 0x80])])
    #expect(joined.filesFrom?.bytes == [0xFF, 0x3D, 0x80])
  }

  @Test func the_command_line_is_that_of_the_kernel() throws {
    let kernel = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/cmdline"))
    let expected = kernel.dropLast().split(separator: 0, omittingEmptySubsequences: false).dropFirst().map(Array.init)
    #expect(ArgumentBytes.commandLine().map { ArgumentBytes(parsed: $0).bytes } == expected)
  }
}
