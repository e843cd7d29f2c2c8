import IOUring

/// Copies a file of any size with linked operations: first both are opened, then reads and writes take turns, a bounded
/// number of them in each chain, and at last the copy is synchronized and closed.
struct LargeCopy {
  /// Pieces of a chain. Each is two operations.
  private static let piecesInChain = 16

  let loop: RingLoop
  private let from = DirectDescriptor(0)
  private let to = DirectDescriptor(1)

  init(on loop: RingLoop) {
    self.loop = loop
  }

  /// - Returns: how many chains it took.
  func copy(_ source: FilePath, to target: FilePath, through buffer: IOBuffer) async throws -> Int {
    let size = try await loop.perform(.status(of: source, followSymbolicLink: true)).size
    try await perform(
      OperationChain(.open(source, into: from))
        .then(.open(target, .writeOnly, options: [.create, .exclusiveCreate], permissions: .ownerReadWrite, into: to)))
    var (offset, chains) = (Int64(0), 2)
    while offset < size {
      try await perform(chain(from: &offset, size, through: buffer))
      chains += 1
    }
    try await perform(OperationChain(.fsync(to)).always(.close(to)).always(.close(from)))
    return chains
  }

  /// The next pieces. They share the buffer, since each begins when the one before it has ended; and a read that is
  /// short, because the file has shrunk, ends the chain.
  private func chain(from offset: inout Int64, _ size: Int64, through buffer: IOBuffer) -> OperationChain {
    var chain: OperationChain?
    for _ in 0..<Self.piecesInChain where offset < size {
      let count = Int(min(Int64(buffer.capacity), size - offset))
      let read = RingOperation.read(from, into: buffer, count: count, at: offset)
      chain = (chain?.then(read) ?? OperationChain(read)).then(.write(to, from: buffer, count: count, at: offset))
      offset += Int64(count)
    }
    return chain ?? OperationChain(.noOperation())
  }

  private func perform(_ chain: OperationChain) async throws {
    for result in await loop.perform(chain) { _ = try result.get() }
  }
}
