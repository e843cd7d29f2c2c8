/// Bytes without a form.
extension SampleData {
  /// Bytes that no codec makes smaller.
  static func randomBytes(_ count: Int, using random: inout SplitMix64) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  /// 256 KiB, as of a disk that was hardly written to: 512 bytes at the start, 512 in the middle, the last byte, and
  /// otherwise zeros.
  static func mostlyZeros(using random: inout SplitMix64) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 256 << 10)
    for start in [0, bytes.count / 2] {
      bytes.replaceSubrange(start..<(start + 512), with: randomBytes(512, using: &random))
    }
    bytes[bytes.count - 1] = 0xff
    return bytes
  }
}
