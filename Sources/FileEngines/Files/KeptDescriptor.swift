import Glibc
import Synchronization

/// A directory's descriptor: kept open between two uses, or given up and, with the next use, opened again.
///
/// Each file that is opened borrows it for the time of a system call, on any thread, so that costs two atomic
/// operations and no lock. It can be given up only while nobody borrows it. ``DirectoryDescriptors`` counts those that
/// are kept.
final class KeptDescriptor: Sendable {
  /// The descriptor, how many have borrowed it, and whether anybody has of late: in one word, to change together.
  private struct Word: RawRepresentable, AtomicRepresentable {
    var rawValue: UInt64

    static let empty = Word(rawValue: 0)
    private static let usedBit: UInt64 = 1 << 63
    private static let oneBorrower: UInt64 = 1 << 32

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A descriptor that one has borrowed.
    init(borrowed descriptor: Int32) {
      // The low half is 0 where there is none.
      rawValue = Self.usedBit | Self.oneBorrower | UInt64(UInt32(bitPattern: descriptor) + 1)
    }

    var descriptor: Int32? {
      let low = UInt32(truncatingIfNeeded: rawValue)
      return low == 0 ? nil : Int32(bitPattern: low - 1)
    }

    var borrowers: UInt64 { (rawValue & ~Self.usedBit) / Self.oneBorrower }
    var wasUsed: Bool { rawValue & Self.usedBit != 0 }
    var unused: Word { Word(rawValue: rawValue & ~Self.usedBit) }
    var lent: Word { Word(rawValue: (rawValue | Self.usedBit) + Self.oneBorrower) }
    var returned: Word { Word(rawValue: rawValue - Self.oneBorrower) }
  }

  private let word = Atomic(Word.empty)
  /// Which directory it is, to be known again by; nil if the file system fails to say.
  let identity: FileIdentity?
  /// Its place in the table of those that are kept, or one of the two below. The table's, and changed under its lock
  /// only.
  let position = Atomic(nowhere)
  static let nowhere = -1
  /// The directory is gone: it will not be kept again.
  static let retired = -2

  init(_ identity: FileIdentity?) {
    self.identity = identity
  }

  deinit {
    if let descriptor = word.load(ordering: .acquiring).descriptor { close(descriptor) }
  }

  /// Changes the word by what `change` makes of it, or not at all if that is nil. Returns what it was before.
  private func update(_ change: (Word) -> Word?) -> Word? {
    var current = word.load(ordering: .acquiring)
    while let next = change(current) {
      let (exchanged, found) = word.compareExchange(
        expected: current, desired: next, ordering: .acquiringAndReleasing)
      if exchanged { return current }
      current = found
    }
    return nil
  }

  /// The descriptor, until ``giveBack()``; nil if there is none.
  func borrow() -> Int32? {
    update { $0.descriptor == nil ? nil : $0.lent }?.descriptor
  }

  func giveBack() {
    _ = update { $0.returned }
  }

  /// Takes a descriptor in, which the caller has borrowed from now on. False if there is one already.
  func put(_ descriptor: Int32) -> Bool {
    update { $0.descriptor == nil ? Word(borrowed: descriptor) : nil } != nil
  }

  /// Borrows it in order to give it up, if nobody uses it now, and nobody has since this was called last.
  func borrowIfIdle() -> Bool {
    var isLent = false
    _ = update { word in
      isLent = word.descriptor != nil && word.borrowers == 0 && !word.wasUsed
      return isLent ? word.lent : word.wasUsed ? word.unused : nil
    }
    return isLent
  }

  /// Closes what ``borrowIfIdle()`` has borrowed. If somebody else has borrowed it meanwhile it is only given back, and
  /// the answer is false.
  func giveUp() -> Bool {
    guard let descriptor = word.load(ordering: .acquiring).descriptor else { preconditionFailure("not borrowed") }
    if update({ $0.borrowers == 1 ? .empty : nil }) == nil {
      giveBack()
      return false
    }
    close(descriptor)
    return true
  }
}
