import IOUring
import Testing

@Suite
struct IOBufferPoolTests {
  @Test(arguments: [1, 4096, 5000, 128 << 10], [1, 3, 40])
  func buffers_are_apart_and_hold_what_is_written(capacity: Int, count: Int) {
    let pool = IOBufferPool(count: count, capacity: capacity)
    // One more than the pool has: the last is an ordinary buffer.
    let buffers = (0...count).map { _ in pool.take() }
    for (number, buffer) in buffers.enumerated() {
      #expect(buffer.capacity == capacity)
      _ = buffer.withMutableBytes { bytes in
        bytes.withUnsafeMutableBytes { $0.initializeMemory(as: UInt8.self, repeating: UInt8(number)) }
      }
    }
    for (number, buffer) in buffers.enumerated() {
      let isItsOwn = buffer.withBytes(capacity) { bytes in
        bytes.withUnsafeBytes { $0.allSatisfy { $0 == UInt8(number) } }
      }
      #expect(isItsOwn)
      #expect(buffer.address % UInt(IOBuffer.alignment) == 0)
    }
  }

  @Test func buffer_that_was_given_back_is_the_next() {
    let pool = IOBufferPool(count: 3, capacity: 100)
    let kept = pool.take()
    var address: UInt = 0
    do {
      let buffer = pool.take()
      address = buffer.address
    }
    let next = pool.take()
    #expect(next.address == address && next.address != kept.address)
  }

  @Test func buffers_outlive_their_pool() {
    var pool: IOBufferPool? = IOBufferPool(count: 2, capacity: 4096)
    let buffer = pool!.take()
    pool = nil
    _ = buffer.withMutableBytes { bytes in
      bytes.withUnsafeMutableBytes { $0.initializeMemory(as: UInt8.self, repeating: 7) }
    }
    #expect(buffer.withBytes(4096) { bytes in bytes.withUnsafeBytes { $0.allSatisfy { $0 == 7 } } })
  }

  /// Sizes that exceed the memory, or the range of an integer: then the buffers are ordinary ones.
  @Test(arguments: [1 << 60, Int.max / 2])
  func pool_that_cannot_be_mapped_gives_ordinary_buffers(count: Int) {
    let pool = IOBufferPool(count: 2, capacity: 8)
    let unmapped = IOBufferPool(count: 1, capacity: count)
    #expect(unmapped.capacity == count && pool.take().capacity == 8)
  }
}

extension IOBuffer {
  fileprivate var address: UInt {
    withBytes(0) { bytes in bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } }
  }
}
