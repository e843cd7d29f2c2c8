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
///
/// A reducer whose result is known before the end of the file says so, and the rest of the file is not read:
///
/// ```swift
/// struct Magic: ByteReducer {
///   private var bytes: [UInt8] = []
///   var hasEnough: Bool { bytes.count == 4 }
///   mutating func update(_ piece: RawSpan) {
///     piece.extracting(first: 4 - bytes.count).withUnsafeBytes { bytes += $0 }
///   }
///   mutating func finish() -> [UInt8] { bytes }
/// }
/// ```
///
/// For a result of lines see ``LineReduction`` and ``LineSearch``; for two results of one reading
/// ``ByteReducer/and(_:)``.
public protocol ByteReducer: SendableMetatype {
  /// What a file comes to.
  associatedtype Output: Sendable

  /// Takes the next bytes of the file, at least one. Where one call ends and the next begins has no meaning: the same
  /// file may come in other pieces from another engine, and must give the same output.
  ///
  /// An error fails the file, which is not read further; the other files are. Neither `update` nor `finish` is called
  /// after it.
  mutating func update(_ bytes: RawSpan) throws

  /// Whether the output depends on no further byte; false unless the reducer says otherwise. It is looked at after each
  /// `update`. Once it is true, `update` is not called again, the rest of the file is not read, and `finish` is called.
  var hasEnough: Bool { get }

  /// Called once, after the last byte; for an empty file it is the only call. An error fails the file.
  mutating func finish() throws -> Output
}

extension ByteReducer {
  @inlinable public var hasEnough: Bool { false }
}
