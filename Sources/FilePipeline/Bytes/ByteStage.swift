/// A value that turns a file's bytes into other bytes: a codec, a filter, a change of case.
///
/// A fresh stage is made for each file and used by one task, so it needs no lock and may keep state from one piece to
/// the next. It runs on the thread that read the bytes, and should neither block nor suspend.
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
/// For a stage that works on lines see ``LineStage``.
public protocol ByteStage {
  /// Takes the next bytes of the file, at least one, and appends what comes of them to `output`, which is empty. Where
  /// one call ends and the next begins has no meaning.
  ///
  /// An error fails the file, which is not read further; the other files are.
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput) throws

  /// Whether what comes out depends on no further byte; false unless the stage says otherwise. It is looked at after
  /// each `transform`. Once it is true, `transform` is not called again, the rest of the file is not read, and `finish`
  /// is called.
  var hasEnough: Bool { get }

  /// Called once, after the last byte: what the stage still holds goes to `output`, which is empty. An error, of a
  /// codec whose input is cut off, say, fails the file.
  ///
  /// It is not called if a later stage, or the reducer, had enough before the file was at its end: then this stage has
  /// not seen all of it, and nothing that it holds is wanted.
  mutating func finish(into output: inout ByteOutput) throws
}

extension ByteStage {
  @inlinable public var hasEnough: Bool { false }
}
