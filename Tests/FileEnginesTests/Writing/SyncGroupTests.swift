import FileTestSupport
import Testing

@testable import FileEngines

/// Files that reach the disk together.
@Suite struct SyncGroupTests {
  @Test func those_that_come_meanwhile_share_the_next_synchronization() async {
    let (group, synchronizations, isDone) = (SyncGroup(), Counter(), Gate())
    async let first = group.wait {
      synchronizations.add()
      await isDone.wait()
      return nil
    }
    while synchronizations.value == 0 { await Task.yield() }
    await withTaskGroup(of: Bool.self) { tasks in
      for _ in 0..<100 {
        tasks.addTask {
          await group.wait {
            synchronizations.add()
            return .system(.ioError)
          } == .system(.ioError)
        }
      }
      while group.waitingCount < 100 { await Task.yield() }
      isDone.open()
      for await isFailure in tasks { #expect(isFailure) }
    }
    #expect(await first == nil && synchronizations.value == 2)
    // The next one has nobody to wait for.
    let last = await group.wait {
      synchronizations.add()
      return nil
    }
    #expect(last == nil && synchronizations.value == 3 && group.waitingCount == 0)
  }
}
