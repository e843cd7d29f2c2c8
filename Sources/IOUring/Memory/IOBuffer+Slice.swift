extension IOBuffer {
  /// A part of a buffer, for the operations that read into several at once, or write from several.
  public struct Slice {
    /// The buffer, which the slice keeps alive.
    public let buffer: IOBuffer
    /// The bytes of it, counted from the buffer's start.
    public let range: Range<Int>

    fileprivate init(_ buffer: IOBuffer, _ range: Range<Int>) {
      precondition(range.lowerBound >= 0 && range.upperBound <= buffer.capacity, "the slice goes past its buffer")
      (self.buffer, self.range) = (buffer, range)
    }
  }

  /// The bytes of `range`, which lies within the buffer and may be empty.
  public func slice(_ range: Range<Int>) -> Slice {
    Slice(self, range)
  }

  /// The whole buffer.
  public var whole: Slice { Slice(self, 0..<capacity) }
}
