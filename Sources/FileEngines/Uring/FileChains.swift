import Synchronization

/// How many files are written by chains at a time, and how many were.
///
/// Each has a descriptor that the ring has taken without asking ``DescriptorReserve``, and up to
/// ``FileChain/mostOperations`` slots of the ring.
final class FileChains: Sendable {
  /// On one loop, beside the operations that read. The completion queue has two places for each operation; with the
  /// usual depth these fit into the power of two that it is rounded up to, and the rings need no more locked memory.
  private static let mostOnLoop = 20
  /// On all loops: as many descriptors as the reserve takes to be opened at once near the limit.
  private static let most = DescriptorReserve.mostTogether

  /// The permits of each loop, and the tasks that wait for one.
  let permits: FairSemaphore?
  private let byChain = Atomic<UInt64>(0)
  private let byCalls = Atomic<UInt64>(0)
  /// Whether linkat(2) takes a descriptor alone. It needs a capability before Linux 6.10.
  let linksByDescriptor = Atomic(true)
  /// The kernel has no linkat(2) on a ring, which came with Linux 5.15.
  let isRefused = Atomic(false)

  /// - Parameter count: on each loop; 0 if there are no chains.
  init(count: Int, loops: Int) {
    permits = count == 0 ? nil : FairSemaphore(count: count * loops, loops: loops)
  }

  /// How many chains there are to be at a time on each loop.
  static func count(loops: Int, depth: Int) -> Int {
    max(1, min(mostOnLoop, most / loops, depth))
  }

  func countChain() { byChain.add(1, ordering: .relaxed) }
  func countCalls() { byCalls.add(1, ordering: .relaxed) }

  var counts: (byChain: UInt64, byCalls: UInt64) {
    (byChain.load(ordering: .relaxed), byCalls.load(ordering: .relaxed))
  }
}
