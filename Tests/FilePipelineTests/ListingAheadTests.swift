import FileEngines
import FileTestSupport
import Glibc
import IOUring
import LinuxSystem
import SystemPackage
import Testing

@testable import FilePipeline

@Suite(.timeLimit(.minutes(5)))
struct ListingAheadTests {
  /// As if every directory were on a disk that is slow.
  private func waitingPace() -> WaitPace {
    let pace = WaitPace(memory: .max / 2)
    pace.noting { _ = poll(nil, 0, 1) }
    return pace
  }

  private func walk(_ directory: TemporaryDirectory) throws -> [[UInt8]] {
    var walk = DirectoryWalk([directory.path], waitingPace())
    var files: [[UInt8]] = []
    while let batch = try walk.nextBatch() { files += try batch.map { try $0.outcome.get().path } }
    return files
  }

  private func list(_ directory: TemporaryDirectory) throws -> ListedDirectory {
    try ListingAhead(WaitPace()).list(FileReference(path: directory.path), through: IOBuffer(capacity: 1 << 16)).get()
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

  /// More of them than may be ahead in one directory.
  @Test func a_flat_tree_is_walked_whole() throws {
    let directory = try directory(of: 80)
    for number in 10..<90 { try directory.write([], to: "\(number)/file") }
    let files = try walk(directory)
    #expect(files == RandomTree.files(under: directory.path))
    #expect(files.count == 82)
  }

  @Test func files_wait_only_for_a_listing_that_is_there() throws {
    let directory = try directory(of: 2)
    defer { withExtendedLifetime(directory) {} }
    let listed = try list(directory)
    let helpers = ListingAhead(WaitPace())
    // As far as is known the file system answers at once. A mount by another suite makes the kernel give up a look at
    // its caches.
    #expect((0..<1_000).contains { _ in !helpers.mayWait(toList: 1, of: listed) })
    #expect(ListingAhead(waitingPace()).mayWait(toList: 1, of: listed))
    let asked = try #require(listed.askForNext(limit: 4).pending)
    #expect(helpers.mayWait(toList: 1, of: listed))
    asked.finish(.failure(.noSuchFileOrDirectory))
    #expect(!helpers.mayWait(toList: 1, of: listed))
    #expect(!ListingAhead(waitingPace()).mayWait(toList: 1, of: listed))
  }

  @Test func slow_roots_come_one_by_one() throws {
    let directory = try TemporaryDirectory()
    let roots = try ["a", "b", "c"].map { try directory.write([], to: $0) }
    var walk = DirectoryWalk(roots, waitingPace())
    var batches: [[[UInt8]]] = []
    while let batch = try walk.nextBatch() { batches.append(try batch.map { try $0.outcome.get().path }) }
    #expect(batches == roots.map { [$0] })
  }

  @Test func no_more_than_a_limit_is_asked_for_and_then_half_of_it_at_a_time() throws {
    let listed = try list(try directory(of: 9))
    func ask() -> String {
      let (pending, hasMore) = listed.askForNext(limit: 4)
      guard let pending else { return "none" }
      return String(decoding: pending.reference.path.suffix(2), as: UTF8.self) + (hasMore ? "" : ".")
    }
    // With the fourth there is no room for more.
    #expect([ask(), ask(), ask(), ask(), ask()] == ["10", "11", "12", "13.", "none"])
    #expect(!listed.endsRest(limit: 4))
    #expect(listed.claim(1) != nil)
    #expect(!listed.endsRest(limit: 4))
    #expect(listed.claim(2) != nil)
    #expect(listed.endsRest(limit: 4))
    // It has come back once, and is asked again before it may rest again.
    #expect(!listed.endsRest(limit: 4))
    #expect([ask(), ask(), ask()] == ["14", "15.", "none"])
    // The walk overtakes: a directory that it has listed itself is not asked for any more.
    for position in 3...8 { #expect((listed.claim(position) != nil) == (position <= 6)) }
    #expect(listed.endsRest(limit: 4))
    #expect([ask(), ask()] == ["18.", "none"])
    #expect(listed.claim(9) != nil)
    #expect(!listed.endsRest(limit: 4))
  }

  @Test func a_thread_that_waits_gets_the_next_when_half_of_the_limit_has_been_taken() throws {
    let queue = ListingQueue(waitingPace(), ListingQueue.Limits(directories: 100, perDirectory: 4, entries: 1000))
    let listed = try list(try directory(of: 9))
    queue.add(listed)
    for _ in 0..<4 { #expect(queue.next() != nil) }
    let next = Latch<[UInt8]?>()
    try startThread(name: "lister") { next.open(with: queue.next()?.reference.path) }
    for position in 1...2 {
      #expect(listed.claim(position) != nil)
      queue.took(.failure(.noSuchFileOrDirectory), from: listed)
    }
    #expect(next.wait()?.suffix(2) == [UInt8]("14".utf8)[...])
    queue.close()
  }

  @Test func threads_that_were_not_wanted_are_woken_when_listing_waits_again() throws {
    let pace = WaitPace(memory: 1)
    let queue = ListingQueue(pace, ListingQueue.Limits(directories: 100, perDirectory: 4, entries: 1000))
    let listed = try list(try directory(of: 9))
    queue.add(listed)
    let next = Latch<[UInt8]?>()
    try startThread(name: "lister") { next.open(with: queue.next()?.reference.path) }
    pace.noting { _ = poll(nil, 0, 1) }
    // It has no subdirectories, and is none to list ahead.
    queue.add(try list(try TemporaryDirectory()))
    #expect(next.wait()?.suffix(2) == [UInt8]("10".utf8)[...])
    queue.close()
  }

  @Test func a_queue_that_is_closed_lets_everybody_go() throws {
    let limits = ListingQueue.Limits(directories: 3, perDirectory: 16, entries: 1000)
    let queue = ListingQueue(waitingPace(), limits)
    let listed = try list(try directory(of: 9))
    queue.add(listed)
    for _ in 0..<3 { #expect(queue.next() != nil) }
    // The fourth is beyond the limit: the thread waits, now or soon.
    let last = Latch<Bool>()
    try startThread(name: "lister") { last.open(with: queue.next() == nil) }
    queue.close()
    #expect(last.wait())
    #expect(queue.next() == nil)
  }
}
