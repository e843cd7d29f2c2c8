/// The counts of `wc` for one file, or for several together.
public struct ByteCounts: Sendable, Hashable {
  /// Newline bytes. A last line without one is not counted, as in `wc -l`.
  public var lines: Int
  /// Maximal runs of bytes other than ASCII white space, as `wc -w` counts them in the C locale (POSIX).
  public var words: Int
  public var bytes: Int

  public init(lines: Int = 0, words: Int = 0, bytes: Int = 0) {
    self.lines = lines
    self.words = words
    self.bytes = bytes
  }

  /// The sum of the counts of two files. A word does not continue from one to the other.
  public static func + (lhs: ByteCounts, rhs: ByteCounts) -> ByteCounts {
    ByteCounts(lines: lhs.lines + rhs.lines, words: lhs.words + rhs.words, bytes: lhs.bytes + rhs.bytes)
  }

  public static func += (lhs: inout ByteCounts, rhs: ByteCounts) {
    lhs = lhs + rhs
  }
}
