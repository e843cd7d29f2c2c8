/// The current uses of a buffer's memory. Each step returns whether it is allowed; if not, nothing changes.
@usableFromInline
enum BufferUse: Equatable, Sendable {
  case idle
  /// The number of calls and operations that read it.
  case read(Int)
  /// The program may write into it.
  case changed
  /// The kernel may write into it: the number of operations in flight that use it. If there are several they belong to
  /// one chain, and are performed one after another.
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
  /// - Parameter earlier: how many operations of the same chain use the buffer before this one.
  mutating func beginEmptying(behind earlier: Int) -> Bool {
    guard case .kernel(let count) = self else { return beginReading() }
    // No operation outside the chain uses it.
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
