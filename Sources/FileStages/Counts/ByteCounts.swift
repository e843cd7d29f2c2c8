/// What `wc` counts of a file, or of several together.
public struct ByteCounts: Sendable, Hashable {
  /// Newline bytes. A last line without one is not counted, as in `wc -l`.
  public var lines: Int
  /// Longest runs of bytes other than ASCII white space, as POSIX has `wc -w` in the C locale.
  public var words: Int
  public var bytes: Int

  public init(lines: Int = 0, words: Int = 0, bytes: Int = 0) {
    self.lines = lines
    self.words = words
    self.bytes = bytes
  }

  /// The counts of two files together; a word never goes on from one to the other.
  public static func + (lhs: ByteCounts, rhs: ByteCounts) -> ByteCounts {
    ByteCounts(lines: lhs.lines + rhs.lines, words: lhs.words + rhs.words, bytes: lhs.bytes + rhs.bytes)
  }

  public static func += (lhs: inout ByteCounts, rhs: ByteCounts) {
    lhs = lhs + rhs
  }
}
