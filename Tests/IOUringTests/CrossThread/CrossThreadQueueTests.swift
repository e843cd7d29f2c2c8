import LinuxSystem
import Testing

@testable import IOUring

struct CrossThreadQueueTests {
  @Test func a_sleeping_loop_is_woken_once_for_all_that_comes_until_it_is_awake() {
    let queue = CrossThreadQueue()
    let cancellation = CrossThreadQueue.Cancellation.message(WaiterID(index: 0, generation: 0))
    func enqueue() -> Bool {
      guard case .accepted(let wake) = queue.enqueue({ $0.cancellations.append(cancellation) }) else { return false }
      return wake
    }
    var batch = CrossThreadQueue.Batch()
    // Awake, it needs no waking.
    #expect(!enqueue())
    // It does not fall asleep over a batch that it has not processed.
    #expect(!queue.fallAsleep())
    for _ in 0..<3 {
      queue.takeBatch(into: &batch)
      batch.removeAll()
      #expect(queue.fallAsleep())
      #expect((0..<1000).count { _ in enqueue() } == 1)
      queue.stayAwake()
      #expect(!enqueue())
    }
  }
}
