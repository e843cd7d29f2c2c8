/// What ``RecordReader`` found between two terminators.
struct Record: Sendable {
  /// Counted from 1, as editors count lines.
  let number: Int
  /// Without the terminator.
  let bytes: Result<[UInt8], RecordTooLong>
}

/// A record over the reader's limit. Its bytes were skipped, and the records after it are read as usual.
struct RecordTooLong: Error, Equatable, CustomStringConvertible {
  let length: Int
  let limit: Int

  var description: String { "too long: \(length) bytes, and the limit is \(limit)" }
}
