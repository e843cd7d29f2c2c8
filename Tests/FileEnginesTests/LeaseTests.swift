import FileEngines
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

/// Files on which somebody holds a lease, as file servers do for their clients (fcntl(2)).
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct LeaseTests {
  enum Call: String, Sendable, CaseIterable, Codable { case reading, copying, writing }

  // The C library shows them only to those who ask for GNU's extensions.
  private static let (setLease, getLease) = (Int32(1024), Int32(1025))

  @Test(arguments: EngineUnderTest.allCases, Call.allCases)
  func file_is_opened_when_its_lease_is_given_back(_ kind: EngineUnderTest, _ call: Call) async throws {
    try await withEngine(kind) { _ in }
    // The holder is told by a signal.
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest, call = call as Call] in
      signal(SIGIO, SIG_IGN)
      let directory = try TemporaryDirectory(.disk)
      let path = try directory.write("water".utf8, to: "file")
      try await withEngine(kind) { engine in
        let holder = try FileDescriptor.open(FilePath("\(directory.string)/file"), .readWrite)
        defer { try? holder.close() }
        if fcntl(holder.rawValue, Self.setLease, F_WRLCK) != 0 { return }
        let opening = Task { try await call.perform(on: engine, directory) }
        // Until somebody wants the file.
        while fcntl(holder.rawValue, Self.getLease) == F_WRLCK { sched_yield() }
        #expect(fcntl(holder.rawValue, Self.setLease, F_UNLCK) == 0)
        try await opening.value
        let contents = try await engine.contents(path)
        #expect(contents == Array("water".utf8))
      }
      #expect(directory.openDescriptors == 0)
    }
  }
}

extension LeaseTests.Call {
  fileprivate func perform(on engine: any FileEngine, _ directory: TemporaryDirectory) async throws {
    let file = directory.reference("file")
    switch self {
    case .reading:
      let read = try await engine.contents(file).bytes
      #expect(read == Array("water".utf8))
    case .copying:
      try await engine.copyFile(from: file, to: directory.reference("copy"))
      #expect(try directory.contains("copy", Array("water".utf8)))
    case .writing:
      let opened = try await engine.openForWriting(file, .create, permissions: .ownerReadWrite)
      try await engine.close(opened)
    }
  }
}
