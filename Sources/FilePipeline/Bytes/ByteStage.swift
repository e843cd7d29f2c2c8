/// A value that turns a file's bytes into other bytes: a codec, a filter, a change of case.
///
/// A fresh stage is made for each file and used by one task, so it needs no lock and may keep state from one piece to
/// the next. It runs on the thread that read the bytes, and should neither block nor suspend.
///
/// ```swift
/// struct UppercaseASCII: ByteStage {
///   mutating func transform(_ input: RawSpan, into output: inout ByteOutput) {
///     input.withUnsafeBytes { bytes in
///       for byte in bytes { output.append(byte >= 97 && byte <= 122 ? byte - 32 : byte) }
///     }
///   }
///   mutating func finish(into output: inout ByteOutput) {}
/// }
/// ```
public protocol ByteStage {
  /// Takes the next bytes of the file, at least one, and appends what comes of them to `output`. Where one call ends
  /// and the next begins has no meaning.
  mutating func transform(_ input: RawSpan, into output: inout ByteOutput)

  /// Called once, after the last byte: what the stage still holds goes to `output`.
  mutating func finish(into output: inout ByteOutput)
}

/// Where a ``ByteStage`` puts its bytes. It is emptied after each call, so it grows no larger than what one piece of
/// input becomes.
public struct ByteOutput: ~Copyable {
  private var storage: [UInt8] = []

  public init() {}

  /// How many bytes the present call has appended.
  public var count: Int { storage.count }

  /// Calls `body` with what the present call has appended.
  public func withBytes<R, Failure: Error>(_ body: (RawSpan) throws(Failure) -> R) throws(Failure) -> R {
    try body(storage.span.bytes)
  }

  public mutating func append(_ byte: UInt8) {
    storage.append(byte)
  }

  public mutating func append(contentsOf bytes: some Sequence<UInt8>) {
    storage.append(contentsOf: bytes)
  }

  public mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { storage.append(contentsOf: $0) }
  }

  /// Forgets the bytes and keeps the room.
  mutating func removeAll() {
    storage.removeAll(keepingCapacity: true)
  }
}
