/// One file of the sample data: where it goes, and what makes its bytes.
struct SampleFile: Sendable {
  /// Relative to the directory of the samples, with `/` between the parts.
  let path: String

  /// The part of the path before its last `/`, or nothing.
  var folder: String { path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "" }

  private let make: @Sendable (inout SplitMix64) -> [UInt8]

  /// Every number in the samples goes back to this one. Any other value would do as well, but would change every file.
  private static let seed: UInt64 = 0x6d69_6c6c_7261_6365  // "millrace"

  /// A file whose bytes `make` draws from a generator of its own.
  init(_ path: String, bytes make: @escaping @Sendable (inout SplitMix64) -> [UInt8]) {
    self.path = path
    self.make = make
  }

  /// A file whose text, in UTF-8, `make` draws from a generator of its own.
  init(_ path: String, drawn make: @escaping @Sendable (inout SplitMix64) -> String) {
    self.init(path, bytes: { Array(make(&$0).utf8) })
  }

  /// A file written by hand. The text is followed by a newline, as a text file should be.
  init(_ path: String, _ text: String) {
    self.init(path, bytes: { _ in Array(text.utf8) + [UInt8(ascii: "\n")] })
  }

  /// The bytes of the file, always the same.
  func bytes() -> [UInt8] {
    var random = SplitMix64(seed: Self.seed, stream: path)
    return make(&random)
  }
}
