import FilePipeline
import FileTestSupport
import Glibc
import Synchronization
import SystemPackage
import TestTurns
import Testing

/// Another thread keeps replacing directories of the target by symbolic links that lead outside.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct CopySwapTests {
  private static let directories = 8
  private static let files = 125

  /// Renames each directory of a tree, puts a link in its place, and restores it, repeatedly.
  private final class Swapper: Sendable {
    let isOver = Atomic(false)
    /// How often a link was in a directory's place.
    let links = Atomic(0)

    /// Blocks the thread until it is over.
    func run(_ tree: String, outside: String) {
      while !isOver.load(ordering: .relaxed) {
        for number in 0..<CopySwapTests.directories {
          let (place, away) = ("\(tree)/d\(number)", "\(tree)/away\(number)")
          guard rename(place, away) == 0 else { continue }
          // The copy may have made another directory there by now.
          if symlink(outside, place) == 0 {
            links.add(1, ordering: .relaxed)
            sched_yield()
            unlink(place)
          }
          rename(away, place)
        }
      }
    }
  }

  @Test(arguments: EngineUnderTest.allCases)
  func a_thousand_files_are_copied_and_none_outside_the_target(_ kind: EngineUnderTest) async throws {
    let (source, target) = (try TemporaryDirectory(.disk), try TemporaryDirectory(.disk))
    for number in 0..<Self.directories {
      try source.makeDirectory("d\(number)")
      for file in 0..<Self.files { try source.write("\(number) \(file)".utf8, to: "d\(number)/\(file)") }
    }
    let (outside, out) = (target.path("outside"), target.path("out"))
    try target.makeDirectory("outside")
    try target.makeDirectory("out")
    let swapper = Swapper()
    var entries = 0
    try await withThreadExecutor(name: "swapper") { thread in
      let swapping = Task(executorPreference: thread) {
        swapper.run(String(decoding: out, as: UTF8.self), outside: String(decoding: outside, as: UTF8.self))
      }
      defer { swapper.isOver.store(true, ordering: .relaxed) }
      try await withEngine(kind) { engine in
        // The results do not matter. Repeated until links were there.
        for round in 0..<100 where round == 0 || swapper.links.load(ordering: .relaxed) < 20 {
          entries += try await FilePipeline.files(
            under: FilePath(source.string), .copying, engine: .engine(engine)
          )
          .copy(to: FilePath(bytes: out), options: CopyOptions(overwriting: .always)).collect().count
        }
      }
      swapper.isOver.store(true, ordering: .relaxed)
      await swapping.value
    }
    #expect(entries >= 1 + Self.directories * (1 + Self.files))
    #expect(swapper.links.load(ordering: .relaxed) > 0)
    #expect(TemporaryDirectory.names(in: outside) == [])
    #expect(source.isLetGo() && target.isLetGo())
  }
}
