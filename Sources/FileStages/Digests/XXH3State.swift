internal import CDigests

/// XXH3's state is 576 bytes that libxxhash allocates; copies of this value share them until one of the copies changes.
struct XXH3State: DigestState {
  private var storage: Storage
  private let is128Bit: Bool

  /// - Parameter bits: the length of the digest: 64 or 128.
  init(bits: Int) {
    precondition(bits == 64 || bits == 128)
    is128Bit = bits == 128
    storage = Storage(owning: is128Bit ? cdigests_xxh128_create() : cdigests_xxh3_create())
  }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(owning: cdigests_xxh3_copy(storage.state)) }
    if is128Bit {
      cdigests_xxh128_update(storage.state, bytes.baseAddress, bytes.count)
    } else {
      cdigests_xxh3_update(storage.state, bytes.baseAddress, bytes.count)
    }
  }

  func digest() -> Digest {
    guard is128Bit else { return Digest(.xxh3, cdigests_xxh3_digest(storage.state)) }
    return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { bytes in
      cdigests_xxh128_digest(storage.state, bytes.baseAddress!)
      return Digest(.xxh128, bytes: UnsafeRawBufferPointer(bytes))
    }
  }

  /// Owns the library's state, from its creation to its end.
  private final class Storage {
    let state: OpaquePointer

    init(owning state: OpaquePointer?) {
      guard let state else { fatalError("No memory for an XXH3 state") }
      self.state = state
    }

    deinit {
      cdigests_xxh3_free(state)
    }
  }
}
