/// A value that takes a file's bytes, in order, and gives one result: a digest, a count, a search.
///
/// A fresh reducer is made for each file and used by one task, so it needs no lock. It runs on the thread that read the
/// bytes, and should neither block nor suspend.
///
/// ```swift
/// struct NewlineCount: ByteReducer {
///   private var newlines = 0
///   mutating func update(_ bytes: RawSpan) {
///     bytes.withUnsafeBytes { newlines += $0.count { $0 == 10 } }
///   }
///   mutating func finish() -> Int { newlines }
/// }
/// ```
public protocol ByteReducer: SendableMetatype {
  /// What a file comes to.
  associatedtype Output: Sendable

  /// Takes the next bytes of the file, at least one. Where one call ends and the next begins has no meaning: the same
  /// file may come in other pieces from another engine, and must give the same output.
  mutating func update(_ bytes: RawSpan)

  /// Called once, after the last byte; for an empty file it is the only call.
  mutating func finish() -> Output
}
