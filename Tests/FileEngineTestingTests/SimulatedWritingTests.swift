import FileEngineTesting
import FileEngines
import FileTestSupport
import IOUring
import SystemPackage
import TestTurns
import Testing

/// Faults of the calls that write.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct SimulatedWritingTests {
  /// What can go wrong, the errno that says so, and the calls in place that it befalls.
  enum Fault: String, Sendable, CaseIterable, Codable {
    case tooManyOpenFiles, interrupted, tryAgain, noSpace, inputOutput

    var errno: Errno {
      switch self {
      case .tooManyOpenFiles: .tooManyOpenFiles
      case .interrupted: .interrupted
      case .tryAgain: .resourceTemporarilyUnavailable
      case .noSpace: .noSpace
      case .inputOutput: .ioError
      }
    }

    var failing: [FileError.Operation] {
      switch self {
      case .tooManyOpenFiles: [.open]
      case .interrupted, .tryAgain: [.open, .write, .write]
      case .noSpace: [.write, .write, .truncate]
      case .inputOutput: [.write, .write, .sync, .close]
      }
    }

    func faults(rate: Double) -> SimulatedFaults {
      var faults = SimulatedFaults.harmless
      switch self {
      case .tooManyOpenFiles: faults.tooManyOpenFiles = rate
      case .interrupted: faults.interrupted = rate
      case .tryAgain: faults.tryAgain = rate
      case .noSpace: faults.noSpace = rate
      case .inputOutput: faults.inputOutput = rate
      }
      return faults
    }
  }

  // MARK: In place

  @Test(arguments: Fault.allCases)
  func each_call_in_place_fails_as_it_can(_ fault: Fault) async throws {
    let directory = try TemporaryDirectory()
    let target = FileReference(path: directory.path("file"))
    let permissions = FilePermissions(rawValue: 0o600)
    try await withSimulatedEngine(seed: 1) { working in
      let file = try await working.openForWriting(target, .create, permissions: permissions)
      let end = try await working.openForWriting(target, .append, permissions: permissions)
      let buffer = IOBuffer(capacity: 4096)
      buffer.withMutableBytes { _ in }
      try await withSimulatedEngine(seed: 1, fault.faults(rate: 1)) { engine in
        let calls: [() async throws -> Void] = [
          {
            let other = try await engine.openForWriting(target, .existing, permissions: permissions)
            try await working.close(other)
          },
          { _ = try await engine.write(file, from: buffer, range: 0..<2, at: 7) },
          { _ = try await engine.append(end, from: buffer, range: 0..<2) },
          { try await engine.setSize(file, to: 1) },
          { try await engine.synchronize(file, dataOnly: true) },
          {
            let other = try await working.openForWriting(target, .existing, permissions: permissions)
            try await engine.close(other)
          },
        ]
        var failing: [FileError.Operation] = []
        for call in calls {
          do {
            try await call()
          } catch let error as FileError {
            #expect(error.cause == .system(fault.errno) && error.path == target.path)
            failing.append(error.operation)
          }
        }
        #expect(failing == fault.failing)
        #expect(engine.failureCount == failing.count)
      }
    }
    #expect(directory.openDescriptors == 0)
  }

  // MARK: Whole files

  /// A way to write the file `target` of a directory whole.
  enum Way: String, Sendable, CaseIterable, Codable {
    case pieces, contents, copy, inTree

    /// Three buffers and a bit.
    static let bytes = [UInt8].noise(3 * 4096 + 100)

    func write(in directory: TemporaryDirectory, by engine: any FileEngine) async throws {
      let target = FileReference(path: directory.path("target"))
      let options = FileWriteOptions(durability: .file)
      switch self {
      case .pieces: try await engine.writeFile(at: target, options: options) { try await $0.write(Self.bytes) }
      case .contents: try await engine.writeFile(at: target, contents: Self.bytes, options: options)
      case .inTree:
        let buffer = IOBuffer(capacity: Self.bytes.count)
        buffer.withMutableBytes { memory in memory.withUnsafeMutableBytes { $0.copyBytes(from: Self.bytes) } }
        // Of another engine, without faults: the tree is not what is to fail.
        let tree = try await withSimulatedEngine(seed: 1) {
          try await $0.openTarget(FileReference(path: directory.path), creating: nil)
        }
        try await engine.writeFile(
          Array("target".utf8), in: tree.root, from: buffer, count: Self.bytes.count, options: options)
      case .copy:
        let source = FileReference(path: directory.path("source"))
        try await engine.copyFile(from: source, to: target, options: FileCopyOptions(durability: .file))
      }
    }
  }

  @Test(arguments: Way.allCases, Fault.allCases)
  func file_is_written_whole_or_the_target_is_as_it_was(_ way: Way, _ fault: Fault) async throws {
    var failures = Set<FileError.Operation>()
    var successes = 0
    for seed in 1...40 as ClosedRange<UInt64> {
      let directory = try TemporaryDirectory()
      try directory.write(Way.bytes, to: "source")
      let target = try directory.write("old".utf8, to: "target")
      try await withSimulatedEngine(seed: seed, fault.faults(rate: 0.1), root: directory.path) { engine in
        var expected = Way.bytes
        do {
          try await way.write(in: directory, by: engine)
          successes += 1
        } catch let error as FileError {
          #expect(error.cause == .system(fault.errno), "\(engine)")
          expected = Array("old".utf8)
          failures.insert(error.operation)
        }
        let found = try await withSimulatedEngine(seed: seed) { try await $0.contents(target) }
        let isAsExpected = found == expected
        #expect(isAsExpected, "\(engine)")
        let names = Set(TemporaryDirectory.names(in: directory.path))
        #expect(names == [Array("source".utf8), Array("target".utf8)], "\(engine)")
        #expect(directory.openDescriptors == 0, "\(engine)")
      }
    }
    // Both were seen, and the failures at every step that can have them.
    #expect(successes > 0)
    #expect(failures == way.steps(thatFailBy: fault))
  }

  @Test(arguments: Way.allCases)
  func caller_that_tries_again_gets_there_in_the_end(_ way: Way) async throws {
    let directory = try TemporaryDirectory()
    try directory.write(Way.bytes, to: "source")
    var faults = SimulatedFaults.harmless
    (faults.tooManyOpenFiles, faults.interrupted, faults.tryAgain) = (0.2, 0.2, 0.2)
    (faults.noSpace, faults.inputOutput) = (0.1, 0.1)
    try await withSimulatedEngine(seed: 3, faults, root: directory.path) { engine in
      while true {
        do {
          try await way.write(in: directory, by: engine)
          break
        } catch is FileError {}
      }
      #expect(engine.failureCount > 0)
    }
    let found = try await withSimulatedEngine(seed: 3) { try await $0.contents(directory.path("target")) }
    let isWhole = found == Way.bytes
    #expect(isWhole)
  }

  @Test func copy_that_is_cancelled_ends_so_or_is_made_if_that_is_too_late() async throws {
    for isLate in [false, true] {
      let directory = try TemporaryDirectory()
      try directory.write(Way.bytes, to: "source")
      var faults = SimulatedFaults()
      faults.lateCancellations = isLate ? 1 : 0
      try await withSimulatedEngine(seed: 1, faults) { engine in
        let lane = engine.lanes[0].executor
        let result = await Task(executorPreference: lane) {
          let copying = Task(executorPreference: lane) { try await Way.copy.write(in: directory, by: engine) }
          // The copy has begun then: its first call waits until nobody on the lane has anything else to do.
          await Task.yield()
          copying.cancel()
          return await copying.result
        }.value
        switch result {
        case .success: #expect(isLate)
        case .failure(let error): #expect(!isLate && (error as? FileError)?.isCancellation == true)
        }
      }
      let names = Set(TemporaryDirectory.names(in: directory.path).map { String(decoding: $0, as: UTF8.self) })
      #expect(names == (isLate ? ["source", "target"] : ["source"]))
      #expect(directory.openDescriptors == 0)
    }
  }
}

extension SimulatedWritingTests.Way {
  fileprivate func steps(thatFailBy fault: SimulatedWritingTests.Fault) -> Set<FileError.Operation> {
    let bytes: FileError.Operation = self == .copy ? .copy : .write
    return switch fault {
    case .tooManyOpenFiles: self == .copy ? [.open, .create] : [.create]
    case .interrupted, .tryAgain: self == .copy ? [.open, .create, bytes] : [.create, bytes]
    case .noSpace: self == .copy ? [.create, bytes] : [.create, bytes, .rename]
    case .inputOutput: self == .copy ? [bytes] : [bytes, .sync, .rename]
    }
  }
}
