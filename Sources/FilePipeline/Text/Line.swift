/// A line of a file: a view of its bytes in memory, which is valid until the body that gets it returns.
///
/// ```swift
/// if line.contains("ERROR") { print(line.number, line.text) }
/// ```
public struct Line: ~Escapable {
  /// The end of a line.
  public enum Terminator: Sendable, Hashable {
    /// No terminator: the last line of a file that does not end with a newline.
    case none
    case newline
    /// Carriage return and newline.
    case carriageReturnNewline

    @inlinable public var byteCount: Int {
      switch self {
      case .none: 0
      case .newline: 1
      case .carriageReturnNewline: 2
      }
    }
  }

  /// The bytes without the terminator. A carriage return belongs to the terminator only before a newline.
  public let bytes: RawSpan
  /// The line number, from 1.
  public let number: Int
  /// The start of the line, in bytes from the start of the file, or of the output of the preceding byte stages.
  public let offset: Int64
  public let terminator: Terminator

  @_lifetime(copy bytes)
  @inlinable
  init(_ bytes: RawSpan, number: Int, offset: Int64, terminator: Terminator) {
    self.bytes = bytes
    self.number = number
    self.offset = offset
    self.terminator = terminator
  }

  @inlinable public var isEmpty: Bool { bytes.byteCount == 0 }

  /// The line as UTF-8; invalid bytes become U+FFFD.
  @inlinable public var text: String { bytes.text }

  /// Whether these bytes occur in the line; true for an empty collection.
  @inlinable
  public func contains(_ wanted: some Collection<UInt8>) -> Bool {
    withContiguousBytes(of: wanted) { bytes.firstOffset(of: $0) != nil }
  }

  /// Whether the UTF-8 bytes of `text` occur in the line: case-sensitive, and without Unicode normalization.
  @inlinable
  public func contains(_ text: String) -> Bool { contains(text.utf8) }

  @inlinable
  public func hasPrefix(_ prefix: some Collection<UInt8>) -> Bool {
    withContiguousBytes(of: prefix) { bytes.hasPrefix($0) }
  }

  @inlinable
  public func hasPrefix(_ prefix: String) -> Bool { hasPrefix(prefix.utf8) }
}
