import FileEngines
import FileTestSupport
import IOUring
import SystemPackage
import TestTurns
import Testing

/// A file system that answers `ECANCELED` for reasons of its own: no task has been cancelled.
@Suite(.inTurn, .needsFaultFileSystem, .timeLimit(.minutes(5)))
struct CancelledAnswerTests {
  /// The descriptor is gone with the answer. To close it again would close what has got its number since.
  @Test(.enabled("io_uring is refused here") { FileEngineKind.uringRefusal == nil })
  func a_loop_closes_once_and_says_what_the_file_system_said() async throws {
    try await withFaultFileSystem(["file 1000 flusherr=125", "gone 1000 flusherr=108"]) { mounted in
      let loop = try RingLoop()
      for (name, error) in [("file", Errno.canceled), ("gone", .socketShutdown)] {
        let path = FilePath(mounted.string).appending(name)
        for executor in [loop, nil] {
          try await Task(executorPreference: executor) {
            let file = try await loop.perform(.open(path))
            await #expect(throws: error) { try await loop.perform(.close(file)) }
          }.value
        }
      }
      await loop.shutDown()
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_read_that_it_answers_so_is_an_error_of_the_file(_ kind: EngineUnderTest) async throws {
    try await withFaultFileSystem(["file 1000 readerr=125", "gone 1000 readerr=108"]) { mounted in
      try await withEngine(kind) { engine in
        for (name, errno) in [("file", Errno.canceled), ("gone", .socketShutdown)] {
          for place in Place.allCases {
            let error = try await failure {
              _ = try await place.run(engine) { try await engine.contents(mounted.path(name)) }
            }
            #expect(error.cause == .system(errno) && error.operation == .read && !error.isCancellation)
          }
        }
      }
    }
  }
}
