import Dispatch
import FileEngines
import FileTestSupport
import Foundation
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ConcurrencyTests {
  /// Content that tells where it belongs.
  private static func bytes(_ number: Int) -> [UInt8] {
    .noise(number * 37 % 13_000, seed: UInt64(number))
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_thousand_files_by_many_tasks_arrive_unmixed(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let paths = try (0..<1000).map { try directory.write(Self.bytes($0), to: "\($0)") }
    try await withEngine(kind) { engine in
      let next = Counter()
      let right = try await withThrowingTaskGroup(of: Int.self) { group in
        let executors: [(any TaskExecutor)?] = engine.lanes.flatMap { Array(repeating: $0.executor, count: $0.width) }
        for executor in executors + [nil, nil, nil, nil] {
          group.addTask(executorPreference: executor) {
            var right = 0
            while true {
              let number = next.add()
              if number >= paths.count { return right }
              if try await engine.contents(paths[number]) == Self.bytes(number) { right += 1 }
            }
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(right == paths.count)
      #expect(directory.openDescriptors == 0)
    }
  }

  /// In a process of its own, whose every thread for tasks gets blocked.
  @Test(arguments: EngineUnderTest.allCases, Place.allCases)
  func no_file_call_needs_a_thread_of_the_cooperative_pool(_ kind: EngineUnderTest, _ place: Place) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest, place = place as Place] in
      let directory = try TemporaryDirectory(.disk)
      let bytes = [UInt8].noise(50_000)
      let path = try directory.write(bytes, to: "file")
      try await withEngine(kind) { engine in
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let blockerCount = 8 * cores + 64
        let (entered, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let entries = Counter()
        // The lane's thread may be blocked as long as the task is the only one on it. Off the lanes the calls come from
        // an executor that is none of the engine's.
        let outside = try ThreadExecutor(name: "outside")
        let reading = Task(executorPreference: place == .onLane ? engine.lanes[0].executor : outside) {
          for _ in 0..<cores { enterWait(entered) }
          let read = try await engine.contents(path)
          let target = FileReference(path: directory.path("target"))
          try await engine.writeFile(at: target, contents: read)
          try await engine.writeFile(at: target) { try await $0.write(read) }
          try await engine.copyFile(from: target, to: FileReference(path: directory.path("copy")))
          let copied = try await engine.contents(directory.path("copy"))
          let blocked = entries.value
          for _ in 0..<blockerCount { release.signal() }
          return (read == bytes && copied == bytes, blocked)
        }
        let blockers = (0..<blockerCount).map { _ in
          Task.detached {
            entries.add()
            entered.signal()
            enterWait(release)
          }
        }
        let (areWhole, blocked) = try await reading.value
        for blocker in blockers { await blocker.value }
        #expect(areWhole)
        // Had there been a thread to spare it would have taken one more of them.
        #expect(blocked >= cores && blocked < blockerCount)
        await outside.shutDown()
      }
    }
  }
}
