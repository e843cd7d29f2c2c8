/// The buffers of an operation, which the kernel uses from ``begin(behind:)`` to ``end(_:)``.
struct BufferTransfer {
  enum Direction {
    /// The kernel writes into the buffers: a read of a file.
    case filling
    /// The kernel reads them: a write to a file.
    case emptying
  }

  private enum Memory {
    /// The first bytes of a buffer.
    case buffer(IOBuffer, count: Int)
    case slices(VectorMemory)
  }

  let direction: Direction
  private let memory: Memory

  init(_ direction: Direction, _ buffer: IOBuffer, count: Int) {
    (self.direction, memory) = (direction, .buffer(buffer, count: count))
  }

  init(_ direction: Direction, _ slices: VectorMemory) {
    (self.direction, memory) = (direction, .slices(slices))
  }

  /// The operation is pushed on a ring.
  ///
  /// Traps if a buffer is in use by another operation or call, or holds fewer bytes than are to be written.
  ///
  /// - Parameter earlier: the entries of the same chain that are performed before it. They may use the same buffers.
  func begin(behind earlier: ArraySlice<SubmissionEntry>) {
    switch memory {
    case .buffer(let buffer, let count):
      begin(buffer, 0..<count, behind: earlier.isEmpty ? 0 : Self.uses(of: buffer, in: earlier))
    case .slices(let vector):
      for (index, slice) in vector.slices.enumerated() {
        // The kernel transfers the slices of one operation one after another.
        var uses = 0
        if !slice.buffer.isIdle {
          uses = Self.uses(of: slice.buffer, in: earlier)
          uses += vector.slices[..<index].count { $0.buffer === slice.buffer }
        }
        begin(slice.buffer, slice.range, behind: uses)
      }
    }
  }

  private func begin(_ buffer: IOBuffer, _ range: Range<Int>, behind earlier: Int) {
    switch direction {
    case .filling: buffer.beginFilling(from: range.lowerBound, behind: earlier)
    case .emptying: buffer.beginEmptying(range, behind: earlier)
    }
  }

  private static func uses(of buffer: IOBuffer, in entries: ArraySlice<SubmissionEntry>) -> Int {
    entries.reduce(0) { $0 + ($1.transfer?.uses(of: buffer) ?? 0) }
  }

  private func uses(of buffer: IOBuffer) -> Int {
    switch memory {
    case .buffer(let own, _): own === buffer ? 1 : 0
    case .slices(let vector): vector.slices.count { $0.buffer === buffer }
    }
  }

  /// The operation has completed, and the kernel has let go of the memory.
  ///
  /// - Parameter result: the number of bytes, or an errno with its sign changed.
  func end(_ result: Int32) {
    var rest = direction == .filling ? max(0, Int(result)) : 0
    switch memory {
    case .buffer(let buffer, _): buffer.endTransfer(from: 0, filled: rest)
    case .slices(let vector):
      for slice in vector.slices {
        let count = min(rest, slice.range.count)
        slice.buffer.endTransfer(from: slice.range.lowerBound, filled: count)
        rest -= count
      }
    }
  }

  /// Keeps the memory for ever.
  func leak() {
    switch memory {
    case .buffer(let buffer, _): _ = Unmanaged.passRetained(buffer)
    case .slices(let vector): _ = Unmanaged.passRetained(vector)
    }
  }
}
