/// Which buffers of a loop's ring are registered, and free.
///
/// A plain value of the loop's thread.
struct RegisteredBuffers {
  private(set) var buffers: [IOBuffer] = []
  private var free: [UInt16] = []

  var isEmpty: Bool { buffers.isEmpty }

  init() {}

  init(_ buffers: [IOBuffer]) {
    self.buffers = buffers
    free = (0..<UInt16(buffers.count)).reversed()
  }

  /// Takes a free one, which is nobody else's until it is given back.
  mutating func take() -> UInt16? { free.popLast() }

  mutating func giveBack(_ index: UInt16) {
    free.append(index)
  }
}
