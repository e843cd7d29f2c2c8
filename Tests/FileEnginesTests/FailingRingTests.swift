import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines
@testable import IOUring

/// An engine one of whose rings cannot be entered any more.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FailingRingTests {
  /// What the page cache never answers for.
  private static let uncached = FileReference(path: Array("/proc/version".utf8))

  @Test(arguments: [EngineUnderTest.uring, .hardenedUring])
  func an_engine_whose_ring_has_failed_says_so_of_every_file(_ kind: EngineUnderTest) async throws {
    let directory = try TemporaryDirectory(.disk)
    let cached = FileReference(path: try directory.write([1, 2, 3], to: "cached"))
    try await withEngine(kind) { engine in
      let loops = try #require(engine as? UringEngine).loops
      let file = try await engine.open(Self.uncached)
      for loop in loops { try await loop.breakRing() }
      let buffer = engine.makeBuffer()
      let first = try await failure { _ = try await engine.read(file, into: buffer, at: 0) }
      #expect(first.cause == .ringFailed(.notSupportedByRing) && first.operation == .read && first.offset == 0)
      #expect(first.engineFailure?.description == "io_uring_enter: \(Errno.notSupportedByRing)")
      await engine.close(file)
      // Of those that would not need the ring, too: a buffer may still be the kernel's.
      for place in Place.allCases {
        let error = try await failure { _ = try await place.run(engine) { try await engine.contents(cached) } }
        #expect(error.cause == .ringFailed(.notSupportedByRing) && error.operation == .open)
      }
      await engine.shutDown()
      let later = try await failure { _ = try await engine.open(cached) }
      #expect(later.cause == .engineShutDown && later.engineFailure == nil)
    }
  }
}

extension Errno {
  /// What io_uring_enter(2) says of a descriptor that is no ring's.
  fileprivate static let notSupportedByRing = Errno(rawValue: Glibc.EOPNOTSUPP)
}

extension RingLoop {
  /// Makes each io_uring_enter(2) of the loop fail from now on, by putting another file in the place of its ring.
  fileprivate func breakRing() async throws {
    let loop = self
    try await Task(executorPreference: loop) {
      let null = try FileDescriptor.open("/dev/null", .readOnly)
      defer { try? null.close() }
      #expect(dup2(null.rawValue, loop.core!.ring.descriptor) >= 0)
    }.value
  }
}
