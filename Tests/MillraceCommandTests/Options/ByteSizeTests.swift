import Testing

@testable import MillraceCommand

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      ("1", 1), ("4096", 4096), ("007", 7), ("128K", 128 << 10), ("128k", 128 << 10), ("128KiB", 128 << 10),
      ("128kib", 128 << 10), ("1M", 1 << 20), ("1MiB", 1 << 20), ("3G", 3 << 30), ("2T", 2 << 40), ("2tIb", 2 << 40),
      ("128KB", 128_000), ("1mb", 1_000_000), ("2GB", 2_000_000_000), ("1TB", 1_000_000_000_000),
      ("9223372036854775807", Int.max), ("8388607T", 8_388_607 << 40),
    ] as [(String, Int)])
  func sizes(text: String, bytes: Int) {
    #expect(ByteSize(text)?.bytes == bytes)
  }

  @Test(
    arguments: [
      "", "0", "0K", "-1", "+1", " 1", "1 ", "1 K", "1.5M", "1e3", "0x10", "K", "KiB", "1B", "1iB", "1X", "1KK",
      "1KiBs", "1Ki", "1P", "١", "1\u{FF2B}", "1K\u{301}", "1\u{301}", "1\u{212A}", "1+", "1\u{0B}",
      "9223372036854775808", "8388608T", "9223372036854775807K", "99999999999999999999",
    ])
  func refused(text: String) {
    #expect(ByteSize(text) == nil)
  }

  @Test func description_is_exact() {
    #expect(ByteSize(bytes: 128 << 10)?.description == "128KiB")
    #expect(ByteSize(bytes: 1000)?.description == "1000")
    #expect(ByteSize(bytes: 1025 << 10)?.description == "1025KiB")
    #expect(ByteSize(bytes: 5 << 50)?.description == "5120TiB")
    #expect(ByteSize(bytes: 0) == nil)
  }

  @Test func description_reads_back() throws {
    let seed = Seed()
    var random = seed.generator()
    for _ in 0..<1000 {
      // Every magnitude, and often a multiple of 1024.
      let significant = Int.random(in: 1...1025, using: &random)
      let size = try #require(ByteSize(bytes: significant << Int.random(in: 0...52, using: &random)))
      #expect(ByteSize(size.description) == size, "\(seed)")
    }
  }
}
