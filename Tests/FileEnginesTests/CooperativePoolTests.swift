import CFileCallFilter
import Dispatch
import FileEngines
import FileTestSupport
import Foundation
import IOUring
import SystemPackage
import TestTurns
import Testing

/// Swift's threads for tasks are few, and meant never to wait: no engine makes a file call on them, not even one that
/// does not wait as a rule.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct CooperativePoolTests {
  /// Every way that there is to call an engine.
  enum Call: String, Sendable, CaseIterable, Codable {
    case reading, readingAround, readingPieces, refusedReading
    case writing, appending, synchronizing, resizing, publishing, discarding, copying, refusedWriting
    case writingInTree, refusedWritingInTree
  }

  /// In a process of its own, which ends when a file call is made on one of Swift's threads.
  @Test(arguments: EngineUnderTest.allCases, Call.allCases)
  func call_from_the_pool_reaches_files_from_elsewhere(_ kind: EngineUnderTest, _ call: Call) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest, call = call as Call] in
      // The test's own file calls are made here.
      let outside = try ThreadExecutor(name: "outside")
      try await Task(executorPreference: outside) {
        let directory = try TemporaryDirectory(.disk)
        try directory.write([UInt8].noise(50_000), to: "file")
        let pageCache: FileEngineConfiguration.PageCacheUse = call == .readingAround ? .bypass : .auto
        try await withEngine(kind, .small(pageCache: pageCache)) { engine in
          // A thread inherits what its maker may not do: this starts those that the engine starts with their first
          // call.
          try await engine.writeFile(at: FileReference(path: directory.path("first")), contents: [])
          // Nor may the pool be the last to let go of the engine, and close what wakes its loops.
          _ = Unmanaged.passRetained(engine as AnyObject)
          await filterPool()
          try await Task.detached { [root = directory.path] in
            try await call.make(engine) { FileReference(path: root + "/\($0)".utf8) }
          }.value
        }
        // A tree that is kept has its root open.
        #expect(call.keepsTree || directory.openDescriptors == 0)
      }.value
      await outside.shutDown()
      // Not exit(3), which has AddressSanitizer look for leaks, by calls that are filtered: it would try for ever.
      _exit(EXIT_SUCCESS)
    }
  }
}

extension CooperativePoolTests.Call {
  fileprivate var keepsTree: Bool { self == .writingInTree || self == .refusedWritingInTree }

  /// Runs on Swift's threads.
  fileprivate func make(
    _ engine: any FileEngine, _ reference: @Sendable (String) -> FileReference
  ) async throws {
    let (source, target) = (reference("file"), reference("target"))
    let buffer = IOBuffer(capacity: 4096)
    buffer.withMutableBytes { _ in }
    switch self {
    case .reading, .readingAround:
      #expect(try await engine.contents(source).bytes.count == 50_000)
    case .readingPieces:
      let file = try await engine.open(source)
      #expect(try await engine.read(file, into: buffer, at: 4096) > 0)
      #expect(try await engine.read(file, into: buffer, at: 50_000) == 0)
      await engine.close(file)
    case .refusedReading:
      for name in ["missing", "."] {
        await #expect(throws: FileError.self) { _ = try await engine.open(reference(name)) }
      }
    case .writing: try await write(engine, target, .create, buffer) { _ in }
    case .appending:
      let file = try await engine.openForWriting(target, .append, permissions: .ownerReadWrite)
      #expect(try await engine.append(file, from: buffer, range: 0..<9) > 0)
      try await engine.close(file)
    case .synchronizing:
      try await write(engine, target, .create, buffer) {
        try await engine.synchronize($0, dataOnly: false)
        try await engine.synchronize($0, dataOnly: true)
      }
    case .resizing: try await write(engine, target, .create, buffer) { try await engine.setSize($0, to: 3) }
    case .publishing:
      for contents in [[UInt8](), .noise(10_000)] {
        try await engine.writeFile(at: target, contents: contents)
        try await engine.writeFile(at: target, options: FileWriteOptions(durability: .fileAndDirectory)) {
          try await $0.write(contents)
        }
      }
    case .discarding:
      for needsHiddenName in [false, true] {
        var options = FileWriteOptions()
        options.needsHiddenName = needsHiddenName
        try await engine.discard(engine.makeTemporary(for: target, options))
      }
    case .copying: #expect(try await engine.copyFile(from: source, to: target) == 50_000)
    case .writingInTree:
      let tree = try await tree(engine, reference("."))
      let directory = try await engine.directory("a/b", in: tree)
      for durability in Durability.allCases {
        try await engine.write(
          "new \(durability)", in: directory, .noise(4000), FileWriteOptions(durability: durability))
        try await engine.write("file", in: directory, .noise(4000), FileWriteOptions(durability: durability))
      }
    case .refusedWritingInTree:
      let tree = try await tree(engine, reference("."))
      try await engine.write("taken", in: tree.root, [])
      for name in ["taken", "a/b", ".", String(repeating: "n", count: 256)] {
        await #expect(throws: FileError.self) {
          try await engine.write(name, in: tree.root, [1], FileWriteOptions(replacesExisting: false))
        }
      }
      await #expect(throws: FileError.self) { try await engine.directory("file", in: tree) }
    case .refusedWriting:
      let cases = [("missing/file", "missing/file"), ("file", "file")]
      for (from, to) in cases {
        await #expect(throws: FileError.self) { try await engine.copyFile(from: reference(from), to: reference(to)) }
      }
      await #expect(throws: FileError.self) { try await engine.writeFile(at: reference("."), contents: []) }
    }
  }

  /// The last reference to a directory closes its descriptor, wherever that is: here it is kept.
  private func tree(_ engine: any FileEngine, _ root: FileReference) async throws -> TargetTree {
    let tree = try await engine.openTarget(root, creating: nil)
    _ = Unmanaged.passRetained(tree)
    return tree
  }

  private func write(
    _ engine: any FileEngine, _ target: FileReference, _ mode: WritingMode, _ buffer: IOBuffer,
    _ body: (borrowing WritableFile) async throws -> Void
  ) async throws {
    let file = try await engine.openForWriting(target, mode, permissions: .ownerReadWrite)
    #expect(try await engine.write(file, from: buffer, range: 0..<9, at: 0) > 0)
    try await body(file)
    try await engine.close(file)
  }
}

/// Takes all file calls from the threads of the pool, which all are there to be blocked at once.
private func filterPool() async {
  let cores = ProcessInfo.processInfo.activeProcessorCount
  let blockerCount = 8 * cores + 64
  let (entered, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
  let blockers = (0..<blockerCount).map { _ in
    Task.detached {
      #expect(forbid_file_calls_on_this_thread())
      entered.signal()
      enterWait(release)
    }
  }
  for _ in 0..<cores { enterWait(entered) }
  for _ in 0..<blockerCount { release.signal() }
  for blocker in blockers { await blocker.value }
}
