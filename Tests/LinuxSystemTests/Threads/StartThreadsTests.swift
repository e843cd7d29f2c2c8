import Synchronization
import Testing

@testable import LinuxSystem

/// Threads that are started by the number.
struct StartThreadsTests {
  @Test(
    arguments: [
      (0, 8, 0), (1, 8, 1), (2, 8, 1), (3, 8, 1), (4, 8, 1), (5, 8, 2), (10, 8, 7), (11, 8, 8), (12, 8, 8), (4, 1, 1),
      (1, 1, 1), (67, 64, 64), (66, 64, 63),
    ] as [(started: Int, wanted: Int, kept: Int)])
  func some_of_the_room_is_left(_ started: Int, _ wanted: Int, _ kept: Int) {
    #expect(threadsToKeep(of: started, wanted: wanted) == kept)
  }

  @Test(arguments: [1, 2, 8])
  func as_many_run_as_are_wanted(_ count: Int) async {
    final class Runs: Sendable {
      let count = Atomic(0)
    }
    let runs = Runs()
    let threads = startThreads(count, name: "test") { runs.count.add(1, ordering: .relaxed) }
    #expect(threads.count == count)
    for thread in threads { await thread.value }
    #expect(runs.count.load(ordering: .relaxed) == count)
  }
}
