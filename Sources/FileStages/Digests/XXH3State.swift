internal import CDigests

/// XXH3's state is 576 bytes that libxxhash allocates; copies of this value share them until one of the copies changes.
struct XXH3State: DigestState {
  private var storage = Storage()

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(copying: storage) }
    cdigests_xxh3_update(storage.state, bytes.baseAddress, bytes.count)
  }

  func digest() -> Digest {
    Digest(.xxh3, cdigests_xxh3_digest(storage.state))
  }

  /// Owns the library's state, from its creation to its end.
  private final class Storage {
    let state: OpaquePointer

    init() {
      guard let state = cdigests_xxh3_create() else { fatalError("No memory for an XXH3 state") }
      self.state = state
    }

    init(copying other: Storage) {
      guard let state = cdigests_xxh3_copy(other.state) else { fatalError("No memory for an XXH3 state") }
      self.state = state
    }

    deinit {
      cdigests_xxh3_free(state)
    }
  }
}
