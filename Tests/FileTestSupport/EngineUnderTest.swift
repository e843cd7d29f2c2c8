import FileEngineTesting
import FileEngines
import Glibc
import IOUring
import SystemPackage
import Testing

/// What the conformance tests run over: every engine, in every mode that changes how it works, and one that makes up
/// what calls may do without being wrong. The argument of a test that fails names the case, with its seed.
public enum EngineUnderTest: Sendable, Hashable, Codable {
  case uring
  /// Rings that the kernel keeps to what the engine asks of them.
  case hardenedUring
  case threads, blocking
  /// Reorders completions, moves fewer bytes than it could, and is late to cancel.
  case simulated(seed: UInt64)

  public init(_ kind: FileEngineKind) {
    switch kind {
    case .uring: self = .uring
    case .threads: self = .threads
    case .blocking: self = .blocking
    }
  }

  /// What the engine says of itself.
  public var kind: FileEngineKind {
    switch self {
    case .uring, .hardenedUring: .uring
    // The same system calls.
    case .threads, .simulated: .threads
    case .blocking: .blocking
    }
  }
}

extension EngineUnderTest: CaseIterable {
  public static let allCases: [EngineUnderTest] = [
    .uring, .hardenedUring, .threads, .blocking, .simulated(seed: TestSeed.value),
  ]

  /// The engines that this machine has, for a test that goes through them by itself. Whether a ring may be missing is
  /// for the tests that name it to say.
  public static var available: [EngineUnderTest] { allCases.filter { $0.absence == nil } }
}

// MARK: Making one

/// Runs `body` with an engine of its own, and shuts it down. Where io_uring may be missing, the rings' cases are
/// skipped aloud.
@discardableResult
public func withEngine<R: Sendable>(
  _ engine: EngineUnderTest, _ configuration: FileEngineConfiguration = .small,
  _ body: (any FileEngine) async throws -> R
) async throws -> R {
  if let absence = engine.absence, !TestExpectation.isRequired { try Test.cancel("\(absence)") }
  return try await withEngine(made: engine.make(configuration), body)
}

/// Runs `body` with a simulated engine whose calls fail as `faults` says, and shuts it down.
@discardableResult
public func withSimulatedEngine<R: Sendable>(
  seed: UInt64, _ faults: SimulatedFaults = SimulatedFaults(), root: [UInt8] = [],
  _ configuration: FileEngineConfiguration = .small, _ body: (SimulatedEngine) async throws -> R
) async throws -> R {
  try await withEngine(
    made: SimulatedEngine(seed: seed, faults: faults, root: root, configuration: configuration), body)
}

private func withEngine<Engine: FileEngine, R: Sendable>(
  made engine: Engine, _ body: (Engine) async throws -> R
) async throws -> R {
  do {
    let result = try await body(engine)
    await engine.shutDown()
    return result
  } catch {
    await engine.shutDown()
    throw error
  }
}

extension EngineUnderTest {
  fileprivate func make(_ configuration: FileEngineConfiguration) throws -> any FileEngine {
    switch self {
    case .uring, .threads, .blocking: return try kind.makeEngine(configuration)
    case .hardenedUring:
      var configuration = configuration
      configuration.hardening = .required
      return try kind.makeEngine(configuration)
    case .simulated(let seed):
      return try SimulatedEngine(seed: seed, faults: .harmless, configuration: configuration)
    }
  }

  /// Why there is no such engine here; nil if there is.
  fileprivate var absence: String? {
    if kind != .uring { return nil }
    if let refusal = FileEngineKind.uringRefusal { return "io_uring is refused here. \(refusal.sentence)" }
    return self == .hardenedUring ? Self.whyNotHardened : nil
  }

  private static let whyNotHardened: String? = {
    do throws(RingRefusal) {
      _ = try Ring(Ring.Configuration(restrictions: Ring.Restrictions(operations: [.read])))
      return nil
    } catch {
      return "The kernel cannot restrict a ring: \(error.sentence)"
    }
  }()
}
