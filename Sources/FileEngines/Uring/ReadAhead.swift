import DequeModule
import IOUring
import Synchronization
import SystemPackage

/// Reads of one large file, several of which are in flight while the bytes of the first are worked on.
///
/// Belongs to a task on the loop's thread. Whatever happens, ``drain()`` must be called at the end: the buffers are the
/// kernel's until then.
final class ReadAhead {
  /// Reads in flight, and their size in bytes: what fio takes to read a file as fast as this disk can, give or take
  /// (`fio --name=a --rw=read --direct=1 --ioengine=io_uring --size=2G --bs=1M --iodepth=8`).
  static let depth = 8
  static let pieceSize = 1 << 20
  /// Files from this size on, in bytes, are worth the buffers.
  static let worthwhile = 2 * Int64(pieceSize)

  private struct Flight {
    let id: OperationID
    let buffer: IOBuffer
    let offset: Int64
  }

  private let loop: RingLoop
  private var flights = Deque<Flight>()
  private var spare: [IOBuffer]
  private var next: Int64

  /// - Parameter buffers: of ``pieceSize``.
  init(from offset: Int64, on loop: RingLoop, _ buffers: IOBufferPool) {
    self.loop = loop
    next = offset
    spare = (0..<Self.depth).map { _ in buffers.take() }
  }

  /// The next bytes, and the offset that they were asked from. Nil when all of the file's size has been asked for, or
  /// the loop has no room: what is left is to be read in another way.
  func nextPiece(
    of file: borrowing OpenFile
  ) async throws(Errno) -> (buffer: IOBuffer, count: Int, offset: Int64)? {
    fill(from: file)
    guard let first = flights.popFirst() else { return nil }
    spare.append(first.buffer)
    let count = try await loop.result(of: first.id)
    return (first.buffer, count, first.offset)
  }

  private func fill(from file: borrowing OpenFile) {
    while next < file.size, let buffer = spare.last {
      guard
        let id = loop.start(.read(file.descriptor, into: buffer, count: file.request(of: buffer, at: next), at: next))
      else { return }
      spare.removeLast()
      flights.append(Flight(id: id, buffer: buffer, offset: next))
      next += Int64(buffer.capacity)
    }
  }

  /// Cancels what is in flight and waits for it.
  func drain() async {
    for flight in flights { loop.cancel(flight.id) }
    while let flight = flights.popFirst() { _ = try? await loop.result(of: flight.id) }
  }
}

/// How many files may be read ahead at once: what bounds the memory for it, where a thousand large files are open.
final class ReadAheadBudget: Sendable {
  static let files = 3
  /// The memory of all of them.
  static let bytes = files * ReadAhead.depth * ReadAhead.pieceSize

  /// For all of them.
  let buffers = IOBufferPool(count: files * ReadAhead.depth, capacity: ReadAhead.pieceSize, areFilled: true)
  private let taken = Atomic<Int>(0)

  /// Whether one more may be, as far as is known without claiming it.
  var hasRoom: Bool { taken.load(ordering: .relaxed) < Self.files }

  func claim() -> Bool {
    if taken.add(1, ordering: .relaxed).newValue <= Self.files { return true }
    release()
    return false
  }

  func release() {
    taken.subtract(1, ordering: .relaxed)
  }
}
