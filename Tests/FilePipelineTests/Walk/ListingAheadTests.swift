import FileEngines
import FileTestSupport
import Glibc
import IOUring
import SystemPackage
import Testing

@testable import FilePipeline

@Suite(.timeLimit(.minutes(5)))
struct ListingAheadTests {
  /// Listing waits, as on a slow disk.
  private func waitingPace() -> BlockingDetector {
    let detector = BlockingDetector(memory: .max / 2)
    detector.measure { _ = poll(nil, 0, 1) }
    return detector
  }

  private func walk(_ directory: TemporaryDirectory) throws -> [[UInt8]] {
    var walk = DirectoryWalk([directory.path], waitingPace())
    var files: [[UInt8]] = []
    while let batch = try walk.nextBatch() { files += try batch.map { try $0.outcome.get().path } }
    return files
  }

  private func list(_ directory: TemporaryDirectory) throws -> ListedDirectory {
    try ListingAhead(BlockingDetector()).list(FileReference(path: directory.path), through: IOBuffer(capacity: 1 << 16))
      .get()
  }

  private func directory(of count: Int) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    for number in 10..<(10 + count) { try directory.makeDirectory("\(number)") }
    try directory.write([], to: "00")
    try directory.write([], to: "99")
    return directory
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func what_is_listed_ahead_comes_in_the_same_order(_ seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    _ = try RandomTree.fill(directory, seed: seed)
    #expect(try walk(directory) == RandomTree.files(under: directory.path))
  }

  /// With more directories than may be ahead in one parent.
  @Test func a_flat_tree_is_walked_whole() throws {
    let directory = try directory(of: 80)
    for number in 10..<90 { try directory.write([], to: "\(number)/file") }
    let files = try walk(directory)
    #expect(files == RandomTree.files(under: directory.path))
    #expect(files.count == 82)
  }

  @Test func files_wait_for_a_listing_unless_listings_wait() throws {
    let directory = try directory(of: 2)
    defer { withExtendedLifetime(directory) {} }
    let listed = try list(directory)
    let helpers = ListingAhead(BlockingDetector())
    // The file system is not known to wait. Repeated, because a mount by another suite makes a cache-only lookup fail.
    #expect((0..<1_000).contains { _ in !helpers.mayWait(toList: 1, of: listed) })
    #expect(ListingAhead(waitingPace()).mayWait(toList: 1, of: listed))
  }

  @Test func slow_roots_come_one_by_one() throws {
    let directory = try TemporaryDirectory()
    let roots = try ["a", "b", "c"].map { try directory.write([], to: $0) }
    var walk = DirectoryWalk(roots, waitingPace())
    var batches: [[[UInt8]]] = []
    while let batch = try walk.nextBatch() { batches.append(try batch.map { try $0.outcome.get().path }) }
    #expect(batches == roots.map { [$0] })
  }

  /// The threads hold the queue until the walk closes it.
  @Test func threads_end_with_the_walk() throws {
    let directory = try directory(of: 20)
    weak var helpers: ListingAhead?
    do {
      var walk = DirectoryWalk([directory.path], waitingPace())
      helpers = walk.helpers
      #expect(try walk.nextBatch() != nil)
      #expect(helpers != nil)
    }
    while helpers != nil { sched_yield() }
  }
}
