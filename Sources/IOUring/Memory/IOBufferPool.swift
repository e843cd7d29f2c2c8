import Glibc
import Synchronization

/// A bounded number of buffers of one size, in memory that the kernel is asked to make of huge pages (madvise(2),
/// `MADV_HUGEPAGE`).
///
/// A read around the page cache gives the device one address for each run of contiguous physical pages, and a device
/// may spend more time on the addresses than on the bytes: with huge pages a file of any usual size is one run. Without
/// huge pages the buffers are like any others. The memory is allocated page by page, when a buffer is first used, and
/// is freed with the pool and the last of its buffers.
public final class IOBufferPool: Sendable {
  /// The size of a huge page in bytes, on most machines. On others the advice has no effect.
  private static let hugePage = 2 << 20
  /// The largest buffers, in bytes, that share huge pages unless they are filled: with larger ones each small file
  /// would take a huge page of its own.
  private static let mostShared = 256 << 10
  /// `MADV_HUGEPAGE`, which Swift's C library overlay lacks.
  private static let adviceHugePage: Int32 = 14

  /// The size of each buffer, in bytes.
  public let capacity: Int
  private let stride: Int
  private let mapping: Mapping
  /// Indices of free buffers. The one that was returned last is taken next: its memory may still be in the processor's
  /// caches.
  private let free: Mutex<[Int]>

  /// - Parameters:
  ///   - count: how many buffers there are at most; at least 1.
  ///   - capacity: of each, in bytes; at least 1.
  ///   - areFilled: whether the buffers are mostly filled. If not, large ones do not use huge pages.
  public init(count: Int, capacity: Int, areFilled: Bool = false) {
    precondition(count > 0 && capacity > 0, "a pool has at least one buffer of at least one byte")
    self.capacity = capacity
    stride = (capacity - 1) / IOBuffer.alignment * IOBuffer.alignment + IOBuffer.alignment
    let (size, overflow) = stride.multipliedReportingOverflow(by: count)
    mapping = Mapping(size: overflow ? .max : size, alignment: Self.hugePage)
    free = Mutex(Array((0..<count).reversed()))
    // The kernel zeroes a huge page in the time of some hundred small ones: wasted if few bytes are read.
    if let start = mapping.start, mapping.size > Self.hugePage, areFilled || stride <= Self.mostShared {
      madvise(start + Self.hugePage, mapping.size - Self.hugePage, Self.adviceHugePage)
    }
  }

  /// Takes a free buffer. If there is none, or the memory could not be mapped, it is an ordinary one.
  public func take() -> IOBuffer {
    guard let start = mapping.start, let index = free.withLock({ $0.popLast() }) else {
      return IOBuffer(capacity: capacity)
    }
    return IOBuffer(capacity: capacity, at: start + index * stride, of: self)
  }

  /// Called by a buffer's deinitializer.
  func giveBack(_ base: UnsafeMutableRawPointer) {
    guard let start = mapping.start else { return }
    free.withLock { $0.append((base - start) / stride) }
  }
}

/// A private mapping with an aligned start.
///
/// It is `@unchecked Sendable` because it only holds the address: the pool lends each part of the memory to one buffer
/// at a time. Each buffer retains the pool, so nothing is unmapped while the program or the kernel may use it.
private final class Mapping: @unchecked Sendable {
  /// Nil if the memory could not be mapped.
  let start: UnsafeMutableRawPointer?
  /// In bytes.
  let size: Int
  private let whole: UnsafeMutableRawBufferPointer

  init(size: Int, alignment: Int) {
    self.size = size
    let (wholeSize, overflow) = size.addingReportingOverflow(alignment)
    // Most of it may never be used, and must not count against the commit limit before it is.
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
