#if DEBUG
@testable import MillraceCommand

/// The input is the text of a size; its first eight bytes are a number of bytes, too.
///
/// - A size is at least 1, and its description reads back as the same.
func checkByteSize(_ bytes: [UInt8]) {
  if let size = ByteSize(String(decoding: bytes, as: UTF8.self)) { checkDescription(size) }
  let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
  if let size = ByteSize(bytes: Int(truncatingIfNeeded: number)) { checkDescription(size) }
}

private func checkDescription(_ size: ByteSize) {
  require(size.bytes >= 1, "a size is at least 1: \(size.bytes)")
  require(ByteSize(size.description) == size, "\(size.bytes) is written \(size)")
}
#endif
