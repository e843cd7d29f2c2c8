/// A line of a file: a view of bytes in memory, which is valid while the body that it is given to runs.
///
/// ```swift
/// if line.contains("ERROR") { print(line.number, line.text) }
/// ```
public struct Line: ~Escapable {
  /// What a line ends with.
  public enum Terminator: Sendable, Hashable {
    /// Nothing: the last line of a file that does not end with a newline.
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

  /// The bytes of the line without its terminator. A carriage return belongs to the terminator only before a newline.
  public let bytes: RawSpan
  /// 1 for the first line.
  public let number: Int
  /// Where the line begins, in bytes from the start of the file, or of what the stages before made of it.
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

  /// The line as UTF-8; what is none becomes U+FFFD.
  @inlinable public var text: String { bytes.text }

  /// Whether these bytes occur in the line; true for none.
  @inlinable
  public func contains(_ wanted: some Collection<UInt8>) -> Bool {
    withContiguousBytes(of: wanted) { bytes.firstOffset(of: $0) != nil }
  }

  /// Whether the bytes of `text` occur in the line. Upper and lower case are different, as are the Unicode forms of one
  /// character.
  @inlinable
  public func contains(_ text: String) -> Bool { contains(text.utf8) }

  @inlinable
  public func hasPrefix(_ prefix: some Collection<UInt8>) -> Bool {
    withContiguousBytes(of: prefix) { bytes.hasPrefix($0) }
  }

  @inlinable
  public func hasPrefix(_ prefix: String) -> Bool { hasPrefix(prefix.utf8) }
}
