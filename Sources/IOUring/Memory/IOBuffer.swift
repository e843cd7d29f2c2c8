import SystemPackage

/// Memory that the kernel reads from or writes into: page-aligned, so that it is suitable for `O_DIRECT`, and of fixed
/// size.
///
/// The memory is initialized from the start, and the buffer records how many bytes have been put into it
/// (``filledCount``): no more can be read. It also tracks the uses of its memory, and traps if one of these rules is
/// violated:
/// - While an operation that reads into the buffer is in flight, or ``withMutableBytes(_:)`` or ``fill(_:)`` runs,
///   nothing else may use it. After a ring has failed the kernel may have the memory for ever.
/// - While an operation that writes from the buffer is in flight, or ``withBytes(_:_:)`` runs, others may read it, and
///   nothing may change it. So a `RawSpan` never aliases memory that changes.
/// - The operations of one ``OperationChain`` may use one buffer one after another.
///
/// A buffer is deliberately not `Sendable`: one task owns it. The operation keeps the buffer alive until its
/// completion, whatever becomes of the task.
public final class IOBuffer {
  /// The alignment of every buffer, in bytes: a page, which satisfies `O_DIRECT` on every file system that reports the
  /// alignment that it requires (open(2), NOTES).
  public static let alignment = 4096

  /// The size in bytes.
  public let capacity: Int

  /// How many bytes it holds, from the first: those that were last read into it, or all after ``withMutableBytes(_:)``.
  /// 0 for a new buffer, and after a failed read.
  public private(set) var filledCount = 0

  /// The memory. Valid as long as the buffer lives; the slot table holds a reference for every operation in flight.
  @usableFromInline let base: UnsafeMutableRawPointer

  /// The owner of the memory; nil if that is the buffer itself.
  private let pool: IOBufferPool?

  private var use = BufferUse.idle

  /// Allocates `capacity` bytes. `capacity` is at least 1.
  public init(capacity: Int) {
    precondition(capacity > 0, "a buffer has room for at least one byte")
    self.capacity = capacity
    base = .allocate(byteCount: capacity, alignment: Self.alignment)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: capacity)
    pool = nil
  }

  /// A buffer with initialized memory of a pool.
  init(capacity: Int, at base: UnsafeMutableRawPointer, of pool: IOBufferPool) {
    (self.capacity, self.base, self.pool) = (capacity, base, pool)
  }

  deinit {
    if let pool { pool.giveBack(base) } else { base.deallocate() }
  }

  /// Calls `body` with the first `count` bytes, which are no more than ``filledCount``.
  @inlinable
  public func withBytes<R, Failure: Error>(
    _ count: Int, _ body: (RawSpan) throws(Failure) -> R
  ) throws(Failure) -> R {
    beginReading(count)
    defer { endUse() }
    return try body(UnsafeRawBufferPointer(start: base, count: count).bytes)
  }

  /// Calls `body` with the whole memory, to change it. The buffer counts as filled afterwards: bytes that `body` does
  /// not write are zero, or what an earlier use has left there.
  @inlinable
  public func withMutableBytes<R, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> R
  ) throws(Failure) -> R {
    beginChanging()
    defer { endChanging(filled: capacity) }
    var bytes = UnsafeMutableRawBufferPointer(start: base, count: capacity).mutableBytes
    return try body(&bytes)
  }

  /// Calls `body` with the whole memory, to fill it from the first byte on, and returns what it returns: the number of
  /// bytes that the buffer holds then. It holds none if `body` throws.
  @inlinable
  public func fill<Failure: Error>(_ body: (inout MutableRawSpan) throws(Failure) -> Int) throws(Failure) -> Int {
    beginChanging()
    var filled = 0
    defer { endChanging(filled: filled) }
    var bytes = UnsafeMutableRawBufferPointer(start: base, count: capacity).mutableBytes
    let count = try body(&bytes)
    precondition(count >= 0 && count <= capacity, "a buffer cannot hold so many bytes")
    filled = count
    return count
  }

  /// Calls a system call that fills the memory, and returns its result: how many bytes it has written, or a negative
  /// number.
  package func fill(by call: (UnsafeMutableRawPointer, _ capacity: Int) -> Int) -> Int {
    beginChanging()
    let result = call(base, capacity)
    endChanging(filled: max(0, min(result, capacity)))
    return result
  }

  // MARK: Uses

  var isIdle: Bool { use == .idle }

  @usableFromInline
  func beginReading(_ count: Int) {
    precondition(
      use.beginReading(), "the buffer is being written, by an operation in flight or by withMutableBytes(_:)")
    precondition(count >= 0 && count <= filledCount, "the buffer holds fewer bytes than are asked for")
  }

  @usableFromInline
  func beginChanging() {
    precondition(use.beginChanging(), Self.isInUse)
  }

  @usableFromInline
  func endChanging(filled: Int) {
    filledCount = filled
    use.end()
  }

  @usableFromInline
  func endUse() {
    use.end()
  }

  private static let isInUse =
    "the buffer is in use, by an operation in flight, withBytes(_:_:) or withMutableBytes(_:)"

  // MARK: Operations

  /// An operation begins that writes into the memory from `start` on.
  ///
  /// - Parameter earlier: how many operations of the same chain use the buffer before this one.
  func beginFilling(from start: Int, behind earlier: Int) {
    precondition(use.beginFilling(behind: earlier), Self.isInUse)
    filledCount = min(filledCount, start)
  }

  /// An operation begins that reads `range`.
  ///
  /// - Parameter earlier: as for ``beginFilling(from:behind:)``. How many bytes they will bring is not known yet.
  func beginEmptying(_ range: Range<Int>, behind earlier: Int) {
    precondition(
      use.beginEmptying(behind: earlier),
      "the buffer is being written, by an operation in flight or withMutableBytes(_:)")
    if case .kernel = use { return }
    precondition(range.upperBound <= filledCount, "the buffer holds fewer bytes than are to be written")
  }

  /// An operation has completed. It has written `count` bytes at `start`, 0 if it was one that reads the memory.
  func endTransfer(from start: Int, filled count: Int) {
    if count > 0 { filledCount = max(filledCount, min(capacity, start + count)) }
    use.end()
  }
}
