/// Where a ``ByteStage`` puts its bytes.
///
/// The memory is used again for the next piece of the file and for the next file, so a stage allocates nothing for its
/// output after the first pieces. It grows in powers of two with what a single call appends, up to ``limit``.
///
/// Appending a byte is compiled into the caller. Many bytes are faster together: memory is copied, mapped in vectors,
/// or written in place.
///
/// ```swift
/// output.append(byte)
/// output.append(input)                                // as they are
/// output.append(input, mapping: { $0 ^ 0x55 })        // one for each
/// output.append(addingCapacity: bound) { span in … }  // so many at most, by a codec say
/// ```
public struct ByteOutput: ~Copyable {
  /// What a call may append unless another limit is given: 256 MiB. A read buffer of 128 KiB that was compressed by
  /// deflate, 1032:1 at most, becomes 132 MiB; the rest is a guess.
  public static let defaultLimit = 256 << 20
  /// The first allocation. A guess: a page.
  static let leastCapacity = 4096
  /// What is kept from file to file; a larger buffer is freed at the end of a file. A guess: eight read buffers.
  static let keptCapacity = 1 << 20

  /// How many bytes a single call may append. Those of a call that appends more are dropped, and the file fails with
  /// ``ByteOutputTooLarge``.
  public let limit: Int

  /// Nil while the capacity is 0.
  @usableFromInline var base: UnsafeMutableRawPointer?
  @usableFromInline var capacity = 0
  @usableFromInline var used = 0
  @usableFromInline var isOverLimit = false

  /// An output of one's own, to try a stage with.
  public init(limit: Int = defaultLimit) {
    precondition(limit > 0, "an output has room for a byte at least")
    self.limit = limit
  }

  deinit {
    base?.deallocate()
  }

  /// How many bytes the present call has appended.
  @inlinable public var count: Int { used }

  /// What the present call has appended.
  @inlinable public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(base), count: used)
      return _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
    }
  }

  /// Calls `body` with what the present call has appended.
  @inlinable
  public func withBytes<R, Failure: Error>(_ body: (RawSpan) throws(Failure) -> R) throws(Failure) -> R {
    try body(bytes)
  }

  // MARK: Room

  /// Makes room for `count` bytes more, so that appending them allocates nothing; for fewer if that would be more than
  /// ``limit`` in all.
  @inlinable
  public mutating func reserve(_ count: Int) {
    _ = hasRoom(for: min(count, limit &- used))
  }

  /// Makes room for so many bytes more. False if there can be none: then the call has appended too much already.
  @inlinable
  @inline(__always)
  mutating func hasRoom(for count: Int) -> Bool {
    count <= capacity &- used || grow(by: count)
  }

  /// The slow part of ``hasRoom(for:)``.
  @usableFromInline
  @inline(never)
  mutating func grow(by count: Int) -> Bool {
    if count > limit - used {
      // The bytes so far are dropped, so that there is room for those that follow: a stage need not look at a result.
      (isOverLimit, used) = (true, 0)
      if count > limit { return false }
    }
    let needed = used + count
    if needed <= capacity { return true }
    let grown = min(limit, max(needed.roundedUpToPowerOfTwo, Self.leastCapacity))
    let memory = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
    if let base {
      memory.copyMemory(from: base, byteCount: used)
      base.deallocate()
    }
    (base, capacity) = (memory, grown)
    return true
  }

  /// - Throws: ``ByteOutputTooLarge`` if the present call has appended too much.
  func checkLimit() throws {
    if isOverLimit { throw ByteOutputTooLarge(limit: limit) }
  }

  /// Forgets the bytes and keeps the room.
  mutating func removeAll() {
    (used, isOverLimit) = (0, false)
  }

  /// Forgets the bytes, and frees the memory if it is large.
  mutating func shrink() {
    removeAll()
    if capacity <= Self.keptCapacity { return }
    base?.deallocate()
    (base, capacity) = (nil, 0)
  }
}

/// A ``ByteStage`` made more bytes in one call than a ``ByteOutput`` takes.
public struct ByteOutputTooLarge: Error, Hashable, CustomStringConvertible {
  /// In bytes.
  public let limit: Int

  public init(limit: Int) {
    self.limit = limit
  }

  public var description: String { "A stage made more than \(limit) bytes of one piece" }
}

extension Int {
  /// For numbers from 1 on.
  fileprivate var roundedUpToPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
