import Glibc
import Synchronization

/// A bounded number of buffers of one size, in memory that the kernel is asked to make of huge pages (madvise(2),
/// `MADV_HUGEPAGE`).
///
/// A read around the page cache hands the device one address for each page that is not the neighbour of the one before,
/// and a device may spend more on those than on the bytes: with huge pages a file of any usual size is one. Where there
/// are none the buffers are like any others. The memory is taken page by page, when a buffer is first used, and given
/// back with the pool and the last of its buffers.
public final class IOBufferPool: Sendable {
  /// The size of a huge page in bytes, on most machines. On the others the advice is for nothing.
  private static let hugePage = 2 << 20
  /// The largest buffers, in bytes, of which several share a huge page: of larger ones a small file would take a whole
  /// one each.
  private static let mostShared = 256 << 10
  /// `MADV_HUGEPAGE`, which Swift's C library overlay does not show.
  private static let adviceHugePage: Int32 = 14

  /// Of each buffer, in bytes.
  public let capacity: Int
  private let stride: Int
  private let mapping: Mapping
  /// Those that nobody has; the last is the next. Who takes few gets the same again and again, which the processor's
  /// caches hold.
  private let free: Mutex<[Int]>

  /// - Parameters:
  ///   - count: how many buffers there are at most; at least 1.
  ///   - capacity: of each, in bytes; at least 1.
  ///   - areFilled: whether those that are used are filled mostly. If not, large ones are not of huge pages.
  public init(count: Int, capacity: Int, areFilled: Bool = false) {
    precondition(count > 0 && capacity > 0, "a pool has a buffer, and that has room")
    self.capacity = capacity
    stride = (capacity - 1) / IOBuffer.alignment * IOBuffer.alignment + IOBuffer.alignment
    let (size, overflow) = stride.multipliedReportingOverflow(by: count)
    mapping = Mapping(size: overflow ? .max : size, alignment: Self.hugePage)
    free = Mutex(Array((0..<count).reversed()))
    // To fill a huge page with zeros takes the time of some hundred small ones, and who reads little needs no more than
    // these.
    if let start = mapping.start, mapping.size > Self.hugePage, areFilled || stride <= Self.mostShared {
      madvise(start + Self.hugePage, mapping.size - Self.hugePage, Self.adviceHugePage)
    }
  }

  /// A buffer that nobody else has. If all are taken, or there is no memory to be mapped, it
  /// is an ordinary one.
  public func take() -> IOBuffer {
    guard let start = mapping.start, let index = free.withLock({ $0.popLast() }) else {
      return IOBuffer(capacity: capacity)
    }
    return IOBuffer(capacity: capacity, at: start + index * stride, of: self)
  }

  /// For a buffer that goes.
  func giveBack(_ base: UnsafeMutableRawPointer) {
    guard let start = mapping.start else { return }
    free.withLock { $0.append((base - start) / stride) }
  }
}

/// Memory of its own, whose start is aligned.
///
/// It is `@unchecked Sendable` because it only says where the memory is: what lies there belongs to whom the pool has
/// lent it, each part to one buffer at a time. Each buffer holds the pool, so that nothing is unmapped while anybody,
/// the kernel included, may look at it.
private final class Mapping: @unchecked Sendable {
  /// Nil if there is none to be had.
  let start: UnsafeMutableRawPointer?
  /// In bytes.
  let size: Int
  private let whole: UnsafeMutableRawBufferPointer

  init(size: Int, alignment: Int) {
    self.size = size
    let (wholeSize, overflow) = size.addingReportingOverflow(alignment)
    // Most of it may never be used, and is not to count before it is.
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let address = overflow ? MAP_FAILED : mmap(nil, wholeSize, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let address, address != MAP_FAILED else {
      (start, whole) = (nil, UnsafeMutableRawBufferPointer(start: nil, count: 0))
      return
    }
    start = address.alignedUp(toMultipleOf: alignment)
    whole = UnsafeMutableRawBufferPointer(start: address, count: wholeSize)
  }

  deinit {
    if let address = whole.baseAddress { munmap(address, whole.count) }
  }
}
