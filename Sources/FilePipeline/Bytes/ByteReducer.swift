/// A value that consumes a file's bytes in order and produces one output, such as a digest, a count or a search result.
///
/// A reducer is made for each file and used by one task, so it needs no lock. It runs on the thread that has read the
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
/// A reducer whose output is known before the end of the file can leave the rest unread:
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
/// To process lines see ``LineReduction`` and ``LineSearch``; for two outputs from one read ``ByteReducer/and(_:)``.
public protocol ByteReducer: SendableMetatype {
  /// The output for a file.
  associatedtype Output: Sendable

  /// Processes the next bytes of the file, at least one. The boundaries between calls have no meaning: another engine
  /// may pass the same file in other pieces, and the output must be the same.
  ///
  /// An error fails the file, and the run continues. Neither `update` nor `finish` is called after it.
  mutating func update(_ bytes: RawSpan) throws

  /// Whether the output does not depend on further bytes; false by default. It is checked after each `update`. Once it
  /// is true, `update` is not called again, the rest of the file is not read, and `finish` is called.
  var hasEnough: Bool { get }

  /// Returns the output. Called once, after the last byte; for an empty file it is the only call. An error fails the
  /// file.
  mutating func finish() throws -> Output
}

extension ByteReducer {
  @inlinable public var hasEnough: Bool { false }
}
