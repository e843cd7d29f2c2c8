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
