internal import CDigests

struct CRC32CState: DigestState {
  private var checksum: UInt32 = 0

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    checksum = cdigests_crc32c(checksum, bytes.baseAddress, bytes.count)
  }

  func digest() -> Digest {
    Digest(.crc32c, checksum)
  }
}
