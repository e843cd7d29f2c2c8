import FileTestSupport
import Glibc
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines
@testable import FilePipeline

/// Which directories a walk enters.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct WalkDescentTests {
  @Test(arguments: [false, true])
  func each_directory_is_asked_about_once(_ listsAhead: Bool) throws {
    let directory = try TemporaryDirectory()
    _ = try RandomTree.fill(directory, seed: 5, depth: 5)
    let asked = Mutex<[[UInt8]]>([])
    var options = WalkOptions()
    options.includes = .directories
    options.descends = { entry in
      asked.withLock { $0.append(entry.path) }
      return entry.kind == .directory
    }
    let met = try allMet([directory.path], options, listsAhead ? waitingPace() : BlockingDetector())
    let directories = met.filter { $0.kind == .directory }.map(\.path)
    #expect(directories.count > 10)
    let sorted = asked.withLock { $0.sorted { $0.lexicographicallyPrecedes($1) } }
    #expect(sorted == directories.sorted { $0.lexicographicallyPrecedes($1) })
  }

  @Test func roots_are_asked_about_too() throws {
    let directory = try TemporaryDirectory()
    try directory.write([], to: "file")
    var options = WalkOptions()
    options.descends = { _ in false }
    #expect(try allMet([directory.path], options).isEmpty)
    options.includes = .directories
    #expect(try allMet([directory.path], options) == [Met(directory.path, depth: 0, .directory)])
    options.descends = { $0.depth < 1 }
    #expect(try allMet([directory.path], options).map(\.path) == [directory.path, directory.path("file")])
  }

  /// A thread that listed it ahead would hang, and the walk would wait for it.
  @Test(.needsFaultFileSystem) func a_directory_that_is_passed_by_is_not_listed_by_any_thread() async throws {
    let layout = ["a 1", "b/ 0", "b/x 1", "c/ 0 listhang openhang", "d/ 0", "d/c/ 0 listhang openhang", "d/y 1", "e 1"]
    try await withFaultFileSystem(layout) { mounted in
      var options = WalkOptions()
      options.includes = .directories
      options.descends = { $0.name != [UInt8(ascii: "c")] }
      for detector in [waitingPace(), BlockingDetector()] {
        let met = try allMet([mounted.path], options, detector)
        #expect(
          met.map(\.path) == [mounted.path] + ["a", "b", "b/x", "c", "d", "d/c", "d/y", "e"].map(mounted.path))
        #expect(met.allSatisfy { $0.failure == nil })
      }
      #expect(try mounted.statistics()["waiting"] == 0)
    }
  }

  /// On a file system that does not report the kinds of its names.
  @Test(.needsFaultFileSystem) func names_of_unknown_kind_are_looked_at() async throws {
    try await withFaultFileSystem(["a 1", ".b/ 0", ".b/x 1", "c/ 0", "c/y 1"], options: ["notypes"]) { mounted in
      var options = WalkOptions()
      #expect(try allMet([mounted.path], options).map(\.path) == [".b/x", "a", "c/y"].map(mounted.path))
      (options.includes, options.wantsStatus, options.includesHidden) = (.all, true, false)
      let met = try allMet([mounted.path], options, waitingPace())
      #expect(met.map(\.path) == [mounted.path] + ["a", "c", "c/y"].map(mounted.path))
      #expect(met.map(\.kind) == [.directory, .regular, .directory, .regular])
    }
  }
}
