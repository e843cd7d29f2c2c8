import SystemPackage

/// Memory that the kernel reads from or writes into: page-aligned, so that it also serves `O_DIRECT`, and fixed in
/// size.
///
/// A buffer is deliberately not `Sendable`: one task owns it, and while an operation on it is in flight that task is
/// suspended, so nobody looks at the bytes that the kernel is changing. The operation keeps the buffer alive until its
/// completion, whatever becomes of the task.
public final class IOBuffer {
  /// The alignment of every buffer, in bytes: a page, which satisfies `O_DIRECT` on every file system that reports its
  /// demand (open(2), NOTES).
  public static let alignment = 4096

  /// The size in bytes.
  public let capacity: Int

  /// The memory. Valid as long as the buffer lives; the slot table holds a reference for every operation in flight.
  @usableFromInline let base: UnsafeMutableRawPointer

  /// To which the memory goes back; nil if it is the buffer's own.
  private let pool: IOBufferPool?

  /// Allocates `capacity` bytes, with undefined contents. `capacity` is at least 1.
  public init(capacity: Int) {
    precondition(capacity > 0, "a buffer has room for at least one byte")
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: Self.alignment)
    pool = nil
  }

  /// Memory that a pool lends.
  init(capacity: Int, at base: UnsafeMutableRawPointer, of pool: IOBufferPool) {
    (self.capacity, self.base, self.pool) = (capacity, base, pool)
  }

  deinit {
    if let pool { pool.giveBack(base) } else { base.deallocate() }
  }

  /// Calls `body` with the first `count` bytes. They are whatever was last read or written there.
  @inlinable
  public func withBytes<R, Failure: Error>(
    _ count: Int, _ body: (RawSpan) throws(Failure) -> R
  ) throws(Failure) -> R {
    precondition(count >= 0 && count <= capacity, "the buffer holds no such number of bytes")
    return try body(UnsafeRawBufferPointer(start: base, count: count).bytes)
  }

  /// Calls `body` with the whole memory, to fill it.
  @inlinable
  public func withMutableBytes<R, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> R
  ) throws(Failure) -> R {
    var bytes = UnsafeMutableRawBufferPointer(start: base, count: capacity).mutableBytes
    return try body(&bytes)
  }
}
