internal import CMemorySearch
import Glibc

extension RawSpan {
  /// The offset of the first occurrence of a byte at or after `start`, by memchr(3).
  @usableFromInline
  func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    withUnsafeBytes { bytes in
      guard start < bytes.count, let base = bytes.baseAddress else { return nil }
      return memchr(base + start, Int32(byte), bytes.count - start).map { UnsafeRawPointer($0) - base }
    }
  }

  /// The offset of the first occurrence of `needle`; 0 for an empty one.
  @usableFromInline
  func firstOffset(of needle: UnsafeRawBufferPointer) -> Int? {
    guard let wanted = needle.baseAddress, needle.count > 0 else { return 0 }
    return withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return nil }
      return cmemory_find(base, bytes.count, wanted, needle.count).map { $0 - base }
    }
  }

  @usableFromInline
  func hasPrefix(_ prefix: UnsafeRawBufferPointer) -> Bool {
    guard let wanted = prefix.baseAddress, prefix.count > 0 else { return true }
    return withUnsafeBytes { $0.count >= prefix.count && memcmp($0.baseAddress!, wanted, prefix.count) == 0 }
  }

  @inlinable
  func byte(at offset: Int) -> UInt8 {
    unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// As UTF-8; invalid bytes become U+FFFD.
  @usableFromInline var text: String {
    withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }
}

/// Calls `body` with the bytes in contiguous memory.
@inlinable
func withContiguousBytes<R>(of bytes: some Collection<UInt8>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
  bytes.withContiguousStorageIfAvailable { body(UnsafeRawBufferPointer($0)) }
    ?? Array(bytes).withUnsafeBytes { body($0) }
}
