/// The operations of a chain that is in flight, and their results so far.
///
/// A class, so that a slot stays small. It belongs to its slot.
final class ChainInFlight {
  let entries: [SubmissionEntry]
  /// In the order of the entries. ``pending`` until the operation has completed.
  private(set) var results: [Int32]
  private(set) var pendingCount: Int
  /// Everything before this position has completed or is a timeout.
  private var firstPending = 0
  /// One for each entry, if any entry has a time. The kernel reads it when the entry is submitted.
  private var times: UnsafeMutablePointer<KernelTime>?

  /// No errno has this value.
  private static let pending = Int32.min

  init(_ chain: OperationChain) {
    entries = chain.entries
    results = Array(repeating: Self.pending, count: entries.count)
    pendingCount = entries.count
  }

  deinit {
    times?.deallocate()
  }

  /// Where the kernel finds the time of the entry at `position`, until the chain is done.
  func store(_ time: KernelTime, at position: Int) -> UInt64 {
    let times = times ?? .allocate(capacity: entries.count)
    self.times = times
    let address = times + position
    address.initialize(to: time)
    return UInt64(address)
  }

  /// False if that operation has completed before, or there is none at that position.
  func complete(_ position: Int, with result: Int32) -> Bool {
    guard position < results.count, results[position] == Self.pending else { return false }
    results[position] = result
    pendingCount -= 1
    return true
  }

  /// The position of the operation that the kernel is performing, or is about to begin; nil if only timeouts, or
  /// nothing, have yet to complete.
  var current: Int? {
    while firstPending < entries.count, results[firstPending] != Self.pending || entries[firstPending].isLinkTimeout {
      firstPending += 1
    }
    return firstPending < entries.count ? firstPending : nil
  }

  /// The results, with `result` for what has not completed.
  func results(elsewhere result: Int32) -> [Int32] {
    results.map { $0 == Self.pending ? result : $0 }
  }

  /// Ends the use of the buffers: the kernel has let go of all of them.
  func endTransfers() {
    for (entry, result) in zip(entries, results) { entry.transfer?.end(result) }
  }
}
