import FilePipeline
import FileTestSupport
import Glibc
import LinuxSystem
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// Walks of a file system whose daemon is slow to list directories.
@Suite(.inTurn, .needsFaultFileSystem, .timeLimit(.minutes(5)))
struct SlowListingTests {
  /// The batches of a walk. Listing for the second one hangs, and is then released with `EIO`.
  private func walk(_ roots: [[UInt8]], in mounted: FaultFileSystem) async throws -> [[Found]] {
    // The mount table is read ten times a second at most.
    while !FileSystems.isAnySlow { sched_yield() }
    let batches = Latch<[[Found]]>()
    try startThread(name: "walk") {
      var walk = DirectoryWalk(roots)
      var found: [[Found]] = []
      while let batch = try? walk.nextBatch() { found.append(batch.map(Found.init)) }
      batches.open(with: found)
    }
    try await mounted.wait(forWaiting: 1)
    mounted.release()
    return await batches.value
  }

  private enum Found: Equatable {
    case file([UInt8])
    case failure(FileError)

    init(_ entry: WalkEntry) {
      switch entry.outcome {
      case .success(let file): self = .file(file.path)
      case .failure(let error): self = .failure(error)
      }
    }

    static func failure(_ path: [UInt8], _ operation: FileError.Operation) -> Found {
      .failure(FileError(path: path, operation: operation, cause: .system(.ioError)))
    }
  }

  @Test func files_do_not_wait_for_a_listing_that_hangs() async throws {
    try await withFaultFileSystem(["a 1", "b 1", "c/ 0 listhang", "d 1"]) { mounted in
      let found = try await walk([mounted.path], in: mounted)
      #expect(
        found == [
          ["a", "b"].map { .file(mounted.path($0)) },
          [.failure(mounted.path("c"), .list), .file(mounted.path("d"))],
        ])
    }
  }

  /// All calls were fast before.
  @Test func files_do_not_wait_for_what_is_mounted_below_them() async throws {
    try await withFaultFileSystem(["/ 0 listhang"]) { mounted in
      let directory = mounted.path.prefix(upTo: mounted.path.lastIndex(of: UInt8(ascii: "/"))!)
      let found = try await walk([Array(directory)], in: mounted)
      #expect(found == [[.file(directory + Array("/layout".utf8))], [.failure(mounted.path, .list)]])
    }
  }

  @Test func files_do_not_wait_for_a_root_that_hangs() async throws {
    let directory = try TemporaryDirectory()
    let files = try ["a", "b"].map { try directory.write([], to: $0) }
    try await withFaultFileSystem(["c 1 lookuphang"]) { mounted in
      let found = try await walk(files + [mounted.path("c")], in: mounted)
      #expect(found == [files.map { .file($0) }, [.failure(mounted.path("c"), .open)]])
    }
  }

  /// The results of preceding files arrive while it hangs.
  @Test(arguments: EngineUnderTest.allCases)
  func results_do_not_wait_for_a_listing_that_hangs(_ kind: EngineUnderTest) async throws {
    try await withFaultFileSystem(["a 1", "b 1", "c/ 0 listhang", "d 1"]) { mounted in
      try await withEngine(kind) { engine in
        let report = try await FilePipeline.files(under: FilePath(mounted.string), engine: .engine(engine))
          .reduce { Collector() }
          .forEach { result in if result.pathBytes == mounted.path("b") { mounted.release() } }
        #expect(report.stages[1].output == 4)
        #expect(report.stages[1].metrics == ["failed files": 1])
      }
    }
  }
}
