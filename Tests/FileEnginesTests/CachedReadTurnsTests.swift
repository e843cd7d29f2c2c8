import FileTestSupport
import Synchronization
import TestTurns
import Testing

@testable import FileEngines

/// Large files from the page cache, on one loop: each is read to its end before the next, so that results come in
/// between.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct CachedReadTurnsTests {
  @Test func large_files_that_are_cached_are_finished_one_after_another() async throws {
    let directory = try TemporaryDirectory(.disk)
    let (files, size, bufferSize) = (6, 4 << 20, 16 << 10)
    for file in 0..<files { try directory.write([UInt8](repeating: UInt8(file), count: size), to: "\(file)") }
    let configuration = FileEngineConfiguration(loops: 1, bufferSize: bufferSize, pageCache: .use)
    try await withEngine(EngineUnderTest.uring, configuration) { engine in
      let progress = Progress(files: files)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for file in 0..<files {
          group.addTask(executorPreference: engine.lanes[0].executor) {
            try await FileReader(engine).readAll(directory.reference("\(file)")) { bytes in
              progress.add(bytes.byteCount, to: file)
            }
            progress.end()
          }
        }
        try await group.waitForAll()
      }
      let atFirstEnd = progress.atFirstEnd
      #expect(progress.read == Array(repeating: size, count: files))
      // The first turn of each, and perhaps one more.
      let others = atFirstEnd.sorted().dropLast()
      #expect(others.allSatisfy { $0 <= 2 * FileReader.readsPerTurn * bufferSize }, "\(atFirstEnd)")
    }
  }

  @Test func turns_are_had_first_come_first_served_on_each_loop() async {
    let turns = CachedReadTurns()
    let order = Progress(files: 4)
    await turns.begin(loop: 0)
    await turns.begin(loop: 1)
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask {
          await turns.begin(loop: 0)
          order.add(order.sum + 1, to: task)
          turns.end(loop: 0)
        }
        while turns.waiting(loop: 0) <= task { await Task.yield() }
      }
      turns.end(loop: 1)
      await turns.begin(loop: 1)
      turns.end(loop: 1)
      #expect(order.sum == 0)
      turns.end(loop: 0)
    }
    // Each has added one more than all before it together.
    #expect(order.read == [1, 2, 4, 8])
    #expect(turns.waiting(loop: 0) == 0)
  }
}

/// How much of each file has been read, and how much had been when the first of them was finished.
private final class Progress: Sendable {
  private let state: Mutex<(read: [Int], atFirstEnd: [Int])>

  init(files: Int) { state = Mutex(([Int](repeating: 0, count: files), [])) }

  var read: [Int] { state.withLock { $0.read } }
  var atFirstEnd: [Int] { state.withLock { $0.atFirstEnd } }
  var sum: Int { read.reduce(0, +) }

  func add(_ count: Int, to file: Int) { state.withLock { $0.read[file] += count } }
  func end() { state.withLock { if $0.atFirstEnd.isEmpty { $0.atFirstEnd = $0.read } } }
}
