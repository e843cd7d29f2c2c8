/// The output buffer of a ``ByteStage``.
///
/// The memory is reused for the next piece of the file and for the next file, so a stage allocates nothing for its
/// output after the first pieces. It grows in powers of two, up to ``limit`` bytes for a single call of the stage.
///
/// Appending single bytes is inlined. Appending many at once is faster: they are copied, mapped with vector
/// instructions, or written in place.
///
/// ```swift
/// output.append(byte)
/// output.append(input)                                // unchanged
/// output.append(input, mapping: { $0 ^ 0x55 })        // one for each
/// output.append(addingCapacity: bound) { span in … }  // at most `bound`, as by a codec
/// ```
public struct ByteOutput: ~Copyable {
  /// The default limit: 256 MiB. A read buffer of 128 KiB that was compressed by deflate, 1032:1 at most, becomes
  /// 132 MiB; the rest is a guess.
  public static let defaultLimit = 256 << 20
  /// The first allocation. A guess: a page.
  static let leastCapacity = 4096
  /// A larger buffer is freed at the end of a file. A guess: eight read buffers.
  static let keptCapacity = 1 << 20

  /// The number of bytes that a single call of a stage may append. If it appends more, the bytes are dropped, and the
  /// file fails with ``ByteOutputTooLarge``.
  public let limit: Int

  /// Nil while the capacity is 0.
  @usableFromInline var base: UnsafeMutableRawPointer?
  @usableFromInline var capacity = 0
  @usableFromInline var used = 0
  @usableFromInline var isOverLimit = false

  /// An output to test a stage with.
  public init(limit: Int = defaultLimit) {
    precondition(limit > 0, "an output has room for a byte at least")
    self.limit = limit
  }

  deinit {
    base?.deallocate()
  }

  /// The number of bytes that the present call has appended.
  @inlinable public var count: Int { used }

  /// The bytes that the present call has appended.
  @inlinable public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(base), count: used)
      return _overrideLifetime(RawSpan(_unsafeBytes: bytes), borrowing: self)
    }
  }

  /// Calls `body` with the bytes that the present call has appended.
  @inlinable
  public func withBytes<R, Failure: Error>(_ body: (RawSpan) throws(Failure) -> R) throws(Failure) -> R {
    try body(bytes)
  }

  // MARK: Capacity

  /// Reserves capacity for `count` further bytes, or for fewer where ``limit`` allows no more.
  mutating func reserve(_ count: Int) {
    _ = hasRoom(for: min(count, limit &- used))
  }

  /// Reserves capacity for `count` further bytes. False if that exceeds the limit.
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
      // The bytes so far are dropped, so that appending can continue: a stage need not check for failure.
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

  /// Drops the bytes and keeps the capacity.
  mutating func removeAll() {
    (used, isOverLimit) = (0, false)
  }

  /// Drops the bytes, and frees the memory if it is large.
  mutating func shrink() {
    removeAll()
    if capacity <= Self.keptCapacity { return }
    base?.deallocate()
    (base, capacity) = (nil, 0)
  }
}

/// A ``ByteStage`` has appended more bytes in one call than its ``ByteOutput`` allows.
public struct ByteOutputTooLarge: Error, Hashable, CustomStringConvertible {
  /// The limit in bytes.
  public let limit: Int

  public init(limit: Int) {
    self.limit = limit
  }

  public var description: String { "A stage made more than \(limit) bytes of one piece" }
}

extension Int {
  /// For positive numbers.
  fileprivate var roundedUpToPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
