/// What the memory of a buffer is being used for. Each step says whether it is legal; if not, nothing has changed.
@usableFromInline
enum BufferUse: Equatable, Sendable {
  case idle
  /// So many calls and operations look at it.
  case read(Int)
  /// The program changes it.
  case changed
  /// The kernel may write into it: so many operations in flight have it. If there are several they are of one chain,
  /// and come one after another.
  case kernel(Int)

  mutating func beginReading() -> Bool {
    switch self {
    case .idle: self = .read(1)
    case .read(let count): self = .read(count + 1)
    case .changed, .kernel: return false
    }
    return true
  }

  mutating func beginChanging() -> Bool {
    guard self == .idle else { return false }
    self = .changed
    return true
  }

  /// An operation that reads the memory, such as a write to a file.
  ///
  /// - Parameter earlier: how many operations in flight that the kernel performs before this one have the buffer.
  mutating func beginEmptying(behind earlier: Int) -> Bool {
    guard case .kernel(let count) = self else { return beginReading() }
    // Nothing but these has it.
    guard count == earlier else { return false }
    self = .kernel(count + 1)
    return true
  }

  /// An operation that writes into the memory, such as a read of a file.
  ///
  /// - Parameter earlier: as for ``beginEmptying(behind:)``.
  mutating func beginFilling(behind earlier: Int) -> Bool {
    switch self {
    case .idle where earlier == 0: self = .kernel(1)
    case .read(earlier), .kernel(earlier): self = .kernel(earlier + 1)
    default: return false
    }
    return true
  }

  /// One of the uses ends.
  mutating func end() {
    switch self {
    case .read(let count) where count > 1: self = .read(count - 1)
    case .kernel(let count) where count > 1: self = .kernel(count - 1)
    default: self = .idle
    }
  }
}
