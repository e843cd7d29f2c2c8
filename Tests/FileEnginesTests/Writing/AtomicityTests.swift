import FileEngines
import FileTestSupport
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct AtomicityTests {
  private struct Refusal: Error {}

  /// Three buffers and a bit, all alike: a part, or a mixture of two, is told at once.
  private static func contents(_ number: Int) -> [UInt8] {
    [UInt8](repeating: UInt8(number % 251), count: 3 * 4096 + number)
  }

  private static func isWhole(_ bytes: [UInt8]) -> Bool {
    let number = bytes.count - 3 * 4096
    return number >= 0 && bytes == contents(number)
  }

  @Test(arguments: Circumstances.all)
  func reader_never_sees_a_part(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write(Self.contents(0), to: "file")
    try await withEngine(now.kind) { engine in
      let isDone = Counter()
      // On a thread of its own: it never waits.
      let outside = try ThreadExecutor(name: "reader")
      let reading = Task(executorPreference: outside) {
        var seen = 0
        while isDone.value == 0 {
          if try !Self.isWhole(directory.bytes("file")) { return -1 }
          seen += 1
        }
        return seen
      }
      try await now.place.run(engine) {
        for number in 1...50 {
          let target = directory.reference("file")
          if number % 2 == 0 {
            try await engine.writeFile(at: target, contents: Self.contents(number), options: now.temporary.options())
          } else {
            try await engine.writeFile(at: target, options: now.temporary.options()) {
              try await $0.write(Self.contents(number))
            }
          }
        }
      }
      isDone.add()
      #expect(try await reading.value >= 0)
      await outside.shutDown()
      #expect(try directory.contains("file", Self.contents(50)))
      #expect(directory.listing == ["file"])
    }
  }

  @Test(arguments: Circumstances.all)
  func two_writers_of_one_target_leave_one_of_their_files(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(now.kind) { engine in
      let lanes = now.place == .onLane ? engine.lanes.map(\.executor) : []
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<4 {
          let lane = lanes.isEmpty ? nil : lanes[writer % lanes.count]
          group.addTask(executorPreference: lane) {
            for round in 0..<25 {
              try await engine.writeFile(at: directory.reference("file"), options: now.temporary.options()) {
                try await $0.write(Self.contents(4 * round + writer))
              }
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try Self.isWhole(directory.bytes("file")))
      #expect(directory.listing == ["file"])
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: Circumstances.all)
  func failure_in_the_body_leaves_the_old_file(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1, 2, 3], to: "file")
    try await withEngine(now.kind) { engine in
      for name in ["file", "new"] {
        await #expect(throws: Refusal.self) {
          try await now.place.run(engine) {
            try await engine.writeFile(at: directory.reference(name), options: now.temporary.options()) { writer in
              try await writer.write(Self.contents(1))
              throw Refusal()
            }
          }
        }
      }
      let old = try directory.bytes("file")
      #expect(old == [1, 2, 3])
      #expect(directory.listing == ["file"])
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: Circumstances.all)
  func cancelled_task_publishes_nothing(_ now: Circumstances) async throws {
    let directory = try TemporaryDirectory(.disk)
    try directory.write([1, 2, 3], to: "file")
    let target = directory.reference("file")
    try await withEngine(now.kind) { engine in
      // In the middle; and after the last byte, with a body that does not notice.
      for bytesAfter in [10_000, 0] {
        let error = try await failure {
          try await now.place.run(engine) {
            try await engine.writeFile(at: target, options: now.temporary.options()) { writer in
              try await writer.write(Self.contents(1))
              withUnsafeCurrentTask { $0?.cancel() }
              // The second error is the one that counts only if the first was not of this file's.
              try? await writer.write(.noise(bytesAfter))
            }
          }
        }
        #expect(error.isCancellation && error.path == target.path)
      }
      let early = try await failure {
        try await now.place.run(engine) {
          withUnsafeCurrentTask { $0?.cancel() }
          try await engine.writeFile(at: target, contents: [4], options: now.temporary.options())
        }
      }
      #expect(early.isCancellation)
      #expect(try directory.bytes("file") == [1, 2, 3])
      #expect(directory.listing == ["file"])
      #expect(directory.openDescriptors == 0)
    }
  }

  /// The number of its descriptor may be another file's by then.
  @Test(arguments: EngineUnderTest.allCases)
  func writer_is_of_no_use_after_its_body(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    try await withEngine(kind) { engine in
      let writer = try await engine.writeFile(at: directory.reference("file")) { $0 }
      let error = try await failure { try await writer.write([1]) }
      #expect(error.cause == .system(.badFileDescriptor))
      #expect(try directory.bytes("file") == [])
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func many_files_at_once_leave_no_descriptor(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    // The simulated engine does not outlast a shortage of descriptors: it fails.
    let count = if case .simulated = kind { 10 } else { 200 }
    try await withEngine(kind) { engine in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count {
          group.addTask(executorPreference: number % 2 == 0 ? engine.lanes[0].executor : nil) {
            let target = directory.reference("\(number)")
            try await engine.writeFile(at: target, contents: Self.contents(number))
            try await engine.copyFile(from: target, to: directory.reference("copy \(number)"))
          }
        }
        try await group.waitForAll()
      }
      let areWhole = try (0..<count).allSatisfy { try directory.contains("copy \($0)", Self.contents($0)) }
      #expect(areWhole)
      #expect(directory.listing.count == 2 * count)
      #expect(directory.openDescriptors == 0)
    }
  }
}
