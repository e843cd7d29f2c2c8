/// A value that transforms a file's bytes, such as a codec or a filter.
///
/// A stage is made for each file and used by one task, so it needs no lock and may keep state between calls. It runs on
/// the thread that has read the bytes, and should neither block nor suspend.
///
/// ```swift
/// struct UppercaseASCII: ByteStage {
///   mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
///     output.append(input, mapping: { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 })
///   }
///   mutating func finish(into output: inout ByteOutput) {}
/// }
/// ```
///
/// To transform lines see ``LineStage``.
public protocol ByteStage {
  /// Processes the next bytes of the file, at least one, and appends the result to `output`, which is empty. The
  /// boundaries between calls have no meaning.
  ///
  /// An error fails the file, and the run continues.
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) throws

  /// Whether the output does not depend on further bytes; false by default. It is checked after each `transform`. Once
  /// it is true, `transform` is not called again, the rest of the file is not read, and `finish` is called.
  var hasEnough: Bool { get }

  /// Called once, after the last byte: appends the remaining bytes to `output`, which is empty. An error, such as
  /// truncated input of a codec, fails the file.
  ///
  /// It is not called if a later stage or the reducer had enough before the end of the file: the remaining bytes are
  /// not needed then.
  mutating func finish(into output: inout ByteOutput) throws
}

extension ByteStage {
  @inlinable public var hasEnough: Bool { false }
}
