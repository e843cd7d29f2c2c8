import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// In processes of their own, with so few descriptors that some calls must wait until others have given theirs back.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FewDescriptorsTests {
  @Test(arguments: FileEngineKind.allCases)
  func more_files_are_read_at_once_than_there_are_descriptors(_ kind: FileEngineKind) async throws {
    try await withEngine(EngineUnderTest(kind)) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as FileEngineKind] in
      try await lowerDescriptorLimit(to: 64)
      let directory = try TemporaryDirectory(.disk)
      let contents = [UInt8].noise(20_000)
      let path = try directory.write(contents, to: "file")
      try await atOnce(200, EngineUnderTest(kind)) { engine, _ in
        for _ in 0..<3 {
          let read = try await engine.contents(path)
          #expect(read == contents)
        }
      }
      #expect(directory.openDescriptors == 0)
    }
  }

  @Test(arguments: FileEngineKind.allCases)
  func more_files_are_written_at_once_than_there_are_descriptors(_ kind: FileEngineKind) async throws {
    try await withEngine(EngineUnderTest(kind)) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as FileEngineKind] in
      try await lowerDescriptorLimit(to: 64)
      let directory = try TemporaryDirectory(.disk)
      let contents = [UInt8].noise(20_000)
      try await atOnce(100, EngineUnderTest(kind)) { engine, number in
        let (target, copy) = (directory.reference("\(number)"), directory.reference("copy \(number)"))
        try await engine.writeFile(at: target) { try await $0.write(contents) }
        try await engine.copyFile(from: target, to: copy)
      }
      let areWhole = try (0..<100).allSatisfy { try directory.contains("copy \($0)", contents) }
      #expect(areWhole && directory.listing.count == 200)
      #expect(directory.openDescriptors == 0)
    }
  }

  /// What has been written is not lost for want of a descriptor to look at it with.
  @Test(arguments: FileEngineKind.allCases)
  func file_is_published_where_no_descriptor_is_left(_ kind: FileEngineKind) async throws {
    try await withEngine(EngineUnderTest(kind)) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as FileEngineKind] in
      try await lowerDescriptorLimit(to: 64)
      let directory = try TemporaryDirectory(.disk)
      try directory.write([1], to: "old")
      try await withEngine(EngineUnderTest(kind)) { engine in
        for (number, durability) in Durability.allCases.enumerated() {
          let name = number == 0 ? "old" : "new \(durability)"
          let options = FileWriteOptions(durability: durability)
          let temporary = try await engine.makeTemporary(for: directory.reference(name), options)
          var others = Occupants()
          try await engine.publish(temporary)
          others.leave()
          #expect(try directory.bytes(name) == [])
        }
      }
    }
  }

  /// A call that waits ends with its task. What nobody gives back ends the wait too, and then there is no other.
  @Test(arguments: FileEngineKind.allCases)
  func waiting_for_a_descriptor_ends(_ kind: FileEngineKind) async throws {
    try await withEngine(EngineUnderTest(kind)) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as FileEngineKind] in
      try await lowerDescriptorLimit(to: 64)
      let directory = try TemporaryDirectory(.disk)
      let path = try directory.write([1], to: "file")
      let calls: [(operation: FileError.Operation, @Sendable (any FileEngine) async throws -> Void)] = [
        (.open, { _ = try await $0.contents(path) }), (.create, { _ = try await $0.makeTemporary(for: path, "new") }),
      ]
      try await withEngine(EngineUnderTest(kind)) { engine in
        var others = Occupants()
        for (operation, call) in calls {
          let task = Task { try await call(engine) }
          task.cancel()
          let error = try await failure { try await task.value }
          #expect(error.isCancellation && error.operation == operation)
        }
        let start = ContinuousClock.now
        for (operation, call) in calls + calls {
          let error = try await failure { try await call(engine) }
          #expect(error.cause == .system(.tooManyOpenFiles) && error.operation == operation)
        }
        #expect(ContinuousClock.now - start < DescriptorShortage.patience * 3)
        others.leave()
        #expect(try await engine.contents(path) == [1])
      }
      #expect(directory.openDescriptors == 0)
    }
  }
}

extension FileEngine {
  fileprivate func makeTemporary(for path: [UInt8], _ suffix: String) async throws -> TemporaryFile {
    try await makeTemporary(for: FileReference(path: path + suffix.utf8), FileWriteOptions())
  }
}

/// Runs `body` in so many tasks of no lane.
private func atOnce(
  _ count: Int, _ kind: EngineUnderTest, _ body: @escaping @Sendable (any FileEngine, Int) async throws -> Void
) async throws {
  try await withEngine(kind) { engine in
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<count { group.addTask { try await body(engine, number) } }
      try await group.waitForAll()
    }
  }
}
