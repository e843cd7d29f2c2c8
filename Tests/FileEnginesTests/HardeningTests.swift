import FileTestSupport
import IOUring
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct HardeningTests {
  /// What the conformance tests of hardened rings stand on.
  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func kernel_refuses_what_a_hardened_engine_does_not_need(_ kind: EngineUnderTest) async throws {
    try await withEngine(kind) { engine in
      let engine = try #require(engine as? UringEngine)
      #expect(engine.isHardened == (kind == .hardenedUring))
      for loop in engine.loops {
        let result = await loop.perform(OperationChain(.noOperation()))
        #expect(result == [engine.isHardened ? .failure(.permissionDenied) : .success(0)])
      }
    }
  }

  /// What a chain takes is allowed only where files may be written by one.
  @Test(arguments: FileEngineConfiguration.Writes.allCases)
  func hardened_engine_may_write_by_the_ring_unless_it_writes_by_calls(
    _ writes: FileEngineConfiguration.Writes
  ) async throws {
    var configuration = FileEngineConfiguration.small
    configuration.writes = writes
    try await withEngine(.hardenedUring, configuration) { engine in
      let loop = try #require(engine as? UringEngine).loops[0]
      let nobodys = FileDescriptor(rawValue: .max)
      let buffer = IOBuffer(capacity: 1)
      buffer.withMutableBytes { _ in }
      let operations = [
        OperationChain(.write(nobodys, from: buffer, at: 0)), OperationChain(.fsync(nobodys)),
        OperationChain(.close(nobodys)), OperationChain(.linkByDescriptor(nobodys, to: "name", at: nobodys)),
        OperationChain(.rename("old", at: nobodys, to: "new", newDirectory: nobodys)),
        OperationChain(.open("name", at: nobodys)),
      ]
      for operation in operations {
        let result = await loop.perform(operation)
        #expect(result == [.failure(writes == .calls ? .permissionDenied : .badFileDescriptor)])
      }
      let others = [
        OperationChain(.unlink("name", at: nobodys)), OperationChain(.makeDirectory("name", at: nobodys)),
        OperationChain(.noOperation()),
      ]
      for operation in others { #expect(await loop.perform(operation) == [.failure(.permissionDenied)]) }
    }
  }

  @Test(arguments: FileEngineConfiguration.Hardening.allCases)
  func engine_is_hardened_as_far_as_it_was_asked_to(_ hardening: FileEngineConfiguration.Hardening) async throws {
    var configuration = FileEngineConfiguration.small
    configuration.hardening = hardening
    try await withEngine(hardening == .off ? .uring : .hardenedUring) { _ in }
    let engine = try UringEngine(configuration)
    #expect(engine.isHardened == (hardening != .off))
    await engine.shutDown()
  }
}
