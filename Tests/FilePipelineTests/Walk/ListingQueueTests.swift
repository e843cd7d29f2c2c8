import FileTestSupport
import Testing

@testable import FilePipeline

/// The state machine alone. Directories and what is found in them are strings here.
struct ListingQueueTests {
  typealias Queue = ListingQueue<String, String>

  private static func queue(directories: Int = 100, perParent: Int = 4, entries: Int = 1000) -> Queue {
    Queue(Queue.Limits(directories: directories, perParent: perParent, entries: entries))
  }

  private let root = WalkOrderKey()

  /// Requests positions until the thread would sleep.
  private func request(_ queue: inout Queue, _ count: Int = .max) -> [String] {
    var requested: [String] = []
    while requested.count < count, case .list(let position, let parent) = queue.next(true) {
      requested.append("\(parent)\(position)")
    }
    return requested
  }

  private func take(_ position: Int, from queue: inout Queue) -> String? {
    if case .listed(let listing) = queue.take(position, of: "r") { listing } else { nil }
  }

  @Test func requests_come_in_the_order_of_the_walk() {
    var queue = Self.queue()
    queue.add("r", at: root, [1, 5])
    #expect(request(&queue, 1) == ["r1"])
    // Subdirectories of a child come before the next child of its parent.
    _ = queue.finish(1, of: "r", "a", entries: 3)
    queue.add("a", at: root.descending(1, isLink: false), [0, 2])
    #expect(request(&queue, 1) == ["a0"])
    _ = queue.finish(0, of: "a", "b", entries: 1)
    queue.add("b", at: root.descending(1, isLink: false).descending(0, isLink: false), [7])
    #expect(request(&queue) == ["b7", "a2", "r5"])
  }

  @Test func a_parent_is_asked_up_to_its_limit_and_then_for_half_of_it_at_a_time() {
    var queue = Self.queue(perParent: 4)
    queue.add("r", at: root, Array(1...9))
    #expect(request(&queue) == ["r1", "r2", "r3", "r4"])
    for position in 1...4 { _ = queue.finish(position, of: "r", "\(position)", entries: 0) }
    #expect(take(1, from: &queue) == "1")
    #expect(request(&queue) == [])
    #expect(take(2, from: &queue) == "2")
    #expect(request(&queue) == ["r5", "r6"])
  }

  @Test func a_position_that_the_walk_has_come_to_is_not_requested() {
    var queue = Self.queue(perParent: 2)
    queue.add("r", at: root, [1, 2, 3, 4])
    #expect(request(&queue) == ["r1", "r2"])
    for position in 1...2 { _ = queue.finish(position, of: "r", "", entries: 0) }
    for position in 1...2 { _ = queue.take(position, of: "r") }
    guard case .notRequested = queue.take(3, of: "r") else { Issue.record("position 3 was requested"); return }
    #expect(request(&queue) == ["r4"])
  }

  @Test func a_parent_is_added_once() {
    var queue = Self.queue()
    queue.add("r", at: root, [1, 2])
    #expect(request(&queue, 1) == ["r1"])
    queue.add("r", at: root, [1, 2])
    queue.add("empty", at: root, [])
    #expect(request(&queue) == ["r2"])
  }

  @Test func directories_and_entries_are_limited_in_all() {
    var queue = Self.queue(directories: 2)
    queue.add("r", at: root, [1, 2, 3])
    #expect(request(&queue) == ["r1", "r2"])
    var few = Self.queue(entries: 10)
    few.add("r", at: root, [1, 2, 3])
    #expect(request(&few, 1) == ["r1"])
    _ = few.finish(1, of: "r", "large", entries: 10)
    #expect(request(&few) == [])
    _ = few.take(1, of: "r")
    #expect(request(&few) == ["r2", "r3"])
    #expect(few.directories == 2 && few.entries == 0)
  }

  @Test func nothing_is_requested_while_listing_does_not_wait() {
    var queue = Self.queue()
    queue.add("r", at: root, [1])
    guard case .sleep = queue.next(false) else { Issue.record("it was requested"); return }
    // The second true would wake it twice.
    #expect([false, true, true].map { queue.wakesThread($0) } == [false, true, false])
    #expect(request(&queue) == ["r1"])
  }

  @Test func only_a_listing_that_the_walk_waits_for_wakes_it() {
    var queue = Self.queue()
    queue.add("r", at: root, [1, 2])
    #expect(request(&queue) == ["r1", "r2"])
    #expect(queue.isListed(1, of: "r") == false && queue.isListed(3, of: "r") == nil)
    guard case .pending = queue.take(1, of: "r") else { Issue.record("it is not pending"); return }
    #expect([2, 1].map { queue.finish($0, of: "r", "listing \($0)", entries: 0) } == [false, true])
    #expect(queue.isListed(1, of: "r") == true)
    #expect(take(1, from: &queue) == "listing 1")
    #expect(take(2, from: &queue) == "listing 2")
  }

  @Test func closing_wakes_all_and_ignores_what_is_listed_then() {
    var queue = Self.queue(directories: 1)
    queue.add("r", at: root, [1, 2])
    #expect(request(&queue) == ["r1"])
    guard case .sleep = queue.next(true) else { Issue.record("it was requested"); return }
    let (sleepers, wakesWalk) = (queue.close(), queue.finish(1, of: "r", "late", entries: 5))
    #expect(sleepers == 2 && !wakesWalk)
    queue.add("r", at: root, [1])
    guard case .end = queue.next(true) else { Issue.record("it has not ended"); return }
    #expect(queue.entries == 0)
  }

  /// A walk and its threads, interleaved by the seed: each directory is listed once, the limits hold, and the walk
  /// never waits for a listing that no thread makes.
  @Test(arguments: 1...300 as ClosedRange<UInt64>)
  func a_walk_takes_every_directory_once(_ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var run = ListingModel(&random)
    run.finish(&random)
    #expect(run.visited == run.tree.directories(), "seed \(seed)")
    #expect(run.queue.directories == 0 && run.queue.entries == 0, "seed \(seed)")
    let sleepers = run.queue.close()
    #expect(sleepers == run.sleepers, "seed \(seed)")
  }
}

/// A walk and threads that list, simulated step by step.
private struct ListingModel {
  /// The subdirectories of each directory, by its path.
  struct Tree {
    var children: [String: [Int]] = [:]

    init(_ random: inout SeededRandom) {
      fill("", 0, &random)
    }

    private mutating func fill(_ path: String, _ depth: Int, _ random: inout SeededRandom) {
      let count = depth == 4 ? 0 : Int.random(in: 0...4, using: &random)
      children[path] = (0..<count).map { $0 * 2 + 1 }
      for position in children[path]! { fill("\(path)/\(position)", depth + 1, &random) }
    }

    /// In the order of the walk.
    func directories(_ path: String = "") -> [String] {
      [path] + children[path]!.flatMap { directories("\(path)/\($0)") }
    }
  }

  let tree: Tree
  var queue: ListingQueue<String, String>
  let limits: ListingQueue<String, String>.Limits
  private(set) var visited: [String] = []
  /// The path of each level, and the number of its subdirectories that the walk has taken.
  private var levels: [(path: String, taken: Int)] = []
  private var isWalkWaiting = false
  private var listing: [(position: Int, parent: String)] = []
  private var running = 0
  private(set) var sleepers = 0
  private var listed: Set<String> = []

  init(_ random: inout SeededRandom) {
    tree = Tree(&random)
    limits = .init(
      directories: Int.random(in: 1...6, using: &random), perParent: Int.random(in: 1...3, using: &random),
      entries: Int.random(in: 1...10, using: &random))
    queue = ListingQueue(limits)
    running = Int.random(in: 1...4, using: &random)
    enter("", &random)
  }

  private func orderKey(_ path: String) -> WalkOrderKey {
    path.split(separator: "/").reduce(WalkOrderKey()) { $0.descending(Int($1)!, isLink: false) }
  }

  private mutating func wake(_ random: inout SeededRandom) {
    guard queue.wakesThread(Bool.random(using: &random)) else { return }
    (sleepers, running) = (sleepers - 1, running + 1)
  }

  private mutating func enter(_ path: String, _ random: inout SeededRandom) {
    visited.append(path)
    levels.append((path, 0))
    // The walk adds its levels whenever listing waits, now or later.
    for level in levels where Bool.random(using: &random) {
      queue.add(level.path, at: orderKey(level.path), Array(tree.children[level.path]!.dropFirst(level.taken)))
      wake(&random)
    }
  }

  private mutating func walk(_ random: inout SeededRandom) {
    let level = levels[levels.count - 1]
    guard level.taken < tree.children[level.path]!.count else {
      levels.removeLast()
      return
    }
    let position = tree.children[level.path]![level.taken]
    let taken = queue.take(position, of: level.path)
    wake(&random)
    if case .pending = taken {
      isWalkWaiting = true
      return
    }
    levels[levels.count - 1].taken += 1
    let path = "\(level.path)/\(position)"
    if case .listed(let found) = taken { precondition(found == path) } else { list(path) }
    enter(path, &random)
  }

  private mutating func list(_ path: String) {
    precondition(listed.insert(path).inserted, "\(path) is listed twice")
  }

  private mutating func thread(_ random: inout SeededRandom) {
    if listing.isEmpty || running > 0 && Bool.random(using: &random) {
      running -= 1
      switch queue.next(Bool.random(using: &random)) {
      case .list(let position, let parent): listing.append((position, parent))
      case .sleep: sleepers += 1
      case .end: preconditionFailure("it was not closed")
      }
      precondition(queue.directories <= limits.directories)
      wake(&random)
      return
    }
    let (position, parent) = listing.remove(at: Int.random(in: 0..<listing.count, using: &random))
    let path = "\(parent)/\(position)"
    list(path)
    if Bool.random(using: &random) { queue.add(path, at: orderKey(path), tree.children[path]!) }
    if queue.finish(position, of: parent, path, entries: tree.children[path]!.count) {
      precondition(isWalkWaiting)
      isWalkWaiting = false
    }
    running += 1
  }

  /// Steps until the walk is at its end and all threads sleep.
  mutating func finish(_ random: inout SeededRandom) {
    while !levels.isEmpty || !listing.isEmpty || running > 0 {
      let canWalk = !levels.isEmpty && !isWalkWaiting
      let canList = !listing.isEmpty || running > 0
      precondition(canWalk || canList, "the walk waits for ever")
      if canWalk && (!canList || Bool.random(using: &random)) { walk(&random) } else { thread(&random) }
    }
  }
}
