import FileEngines
import FileTestSupport
import Glibc
import LinuxSystem
import Synchronization
import SystemPackage
import TestTurns
import Testing

@testable import FilePipeline

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct WalkOptionsTests {
  /// Random options for kinds, links, hidden names and status, by a seed, and rules for names.
  private func oracle(_ seed: UInt64) -> WalkOracle {
    var random = SeededRandom(seed: seed &* 7919)
    var options = WalkOptions()
    options.followsSymbolicLinks = Bool.random(using: &random)
    options.includesHidden = Bool.random(using: &random)
    options.wantsStatus = Bool.random(using: &random)
    options.includes = WalkOptions.Kinds(rawValue: UInt8.random(in: 0...7, using: &random))
    let (kept, entered) = (Int.random(in: 2...5, using: &random), Int.random(in: 2...5, using: &random))
    let filter: WalkOracle.Rule = { name, depth in (name.count + depth) % kept != 0 }
    let descends: WalkOracle.Rule = { name, depth in depth == 0 || name.count % entered != 0 }
    let (filters, prunes) = (Bool.random(using: &random), Bool.random(using: &random))
    return WalkOracle(options, filter: filters ? filter : nil, descends: prunes ? descends : nil)
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func all_options_together_give_what_a_plain_walk_finds(_ seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    try LinkedTree.fill(directory, seed: seed)
    let oracle = oracle(seed)
    let expected = oracle.entries(under: directory.path)
    #expect(try allMet([directory.path], oracle.options) == expected, "\(oracle.options)")
    // The same with threads that list ahead.
    #expect(try allMet([directory.path], oracle.options, waitingPace()) == expected, "\(oracle.options)")
    #expect(directory.isLetGo())
  }

  /// The trees of the test above have loops, files behind links, and broken links.
  @Test func random_trees_have_what_is_to_be_told_apart() throws {
    var (loops, behindLinks, nowhere) = (0, 0, 0)
    var options = including(.all)
    for seed in 1...20 as ClosedRange<UInt64> {
      let directory = try TemporaryDirectory()
      try LinkedTree.fill(directory, seed: seed)
      options.followsSymbolicLinks = false
      let plain = Set(WalkOracle(options).entries(under: directory.path).map(\.path))
      options.followsSymbolicLinks = true
      for met in WalkOracle(options).entries(under: directory.path) {
        if met.failure?.operation == .list { loops += 1 }
        if met.failure?.operation == .stat { nowhere += 1 }
        if met.failure == nil && !plain.contains(met.path) { behindLinks += 1 }
      }
    }
    #expect(loops > 20 && behindLinks > 20 && nowhere > 20, "\(loops), \(behindLinks), \(nowhere)")
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func everything_in_a_random_tree_comes_in_the_order_of_the_paths(_ seed: UInt64) throws {
    let directory = try TemporaryDirectory()
    _ = try RandomTree.fill(directory, seed: seed)
    var options = WalkOptions()
    options.includes = .all
    let oracle = WalkOracle(options)
    #expect(try allMet([directory.path], options) == oracle.entries(under: directory.path))
  }

  @Test func directories_come_before_what_is_in_them() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "a/b", "a/b/c", "empty"] { try directory.makeDirectory(name) }
    for name in ["a-", "a/b/file", "a0", "z"] { try directory.write([], to: name) }
    var options = WalkOptions()
    options.includes = .directories
    let met = try allMet([directory.path], options)
    let names = ["a-", "a", "a/b", "a/b/c", "a/b/file", "a0", "empty", "z"]
    #expect(met.map(\.path) == [directory.path] + names.map(directory.path))
    #expect(met.map(\.depth) == [0, 1, 1, 2, 3, 3, 1, 1, 1])
    #expect(met.map { $0.kind == .directory } == [true, false, true, true, true, false, false, true, false])
  }

  @Test func links_and_special_files_come_as_what_they_are() throws {
    let directory = try TemporaryDirectory()
    try directory.makeDirectory("directory")
    let link = try directory.makeLink("link", to: "directory")
    let nowhere = try directory.makeLink("nowhere", to: "missing")
    let (fifo, socket) = (try directory.makePipe("fifo"), try directory.makeSocket("socket"))
    func met(_ kinds: WalkOptions.Kinds) throws -> [Met] { try allMet([directory.path], including(kinds)) }
    #expect(try met([]).isEmpty)
    let links = [Met(link, depth: 1, .symbolicLink), Met(nowhere, depth: 1, .symbolicLink)]
    #expect(try met(.symbolicLinks) == links)
    #expect(try met(.specialFiles) == [Met(fifo, depth: 1, .fifo), Met(socket, depth: 1, .socket)])
    var walk = DirectoryWalk([directory.path], options: including(.all))
    var references: [FileStatus.Kind?] = []
    while let batch = try walk.nextBatch() { references += try batch.map { try $0.outcome.get().listedKind } }
    #expect(references == [nil, .directory, .fifo, .symbolicLink, .symbolicLink, .socket])
  }

  @Test func special_roots_come_if_they_are_included() throws {
    let directory = try TemporaryDirectory()
    let fifo = try directory.makePipe("fifo")
    let roots = [fifo, Array("/dev/null".utf8), try directory.makeLink("link", to: "fifo")]
    let options = including(.specialFiles)
    let kinds: [FileStatus.Kind] = [.fifo, .characterDevice, .fifo]
    #expect(try allMet(roots, options) == zip(roots, kinds).map { Met($0, depth: 0, $1) })
    let refused = roots.map { FileError(path: $0, operation: .open, cause: .notRegular) }
    let links = including([.directories, .symbolicLinks])
    #expect(try allMet(roots, links).map(\.failure) == refused)
  }

  @Test func hidden_names_are_left_out_but_hidden_roots_are_taken() throws {
    let directory = try TemporaryDirectory()
    for name in [".git", ".git/.deep", "seen"] { try directory.makeDirectory(name) }
    for name in [".git/config", ".git/.deep/file", ".profile", "...", "seen/file", "seen/.x"] {
      try directory.write([], to: name)
    }
    var options = WalkOptions()
    options.includesHidden = false
    func paths(_ roots: [[UInt8]]) throws -> [[UInt8]] { try allMet(roots, options).map(\.path) }
    #expect(try paths([directory.path]) == [directory.path("seen/file")])
    #expect(try paths([directory.path(".git")]) == [directory.path(".git/config")])
    #expect(try paths([directory.path(".git/.deep")]) == [directory.path(".git/.deep/file")])
    #expect(try paths([directory.path(".profile")]) == [directory.path(".profile")])
    #expect(try paths([directory.path(".")]) == [directory.path("./seen/file")])
  }

  @Test func filter_is_asked_once_for_each_entry_and_never_for_failures() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b", "c"] { try directory.write([], to: name) }
    try directory.makeLink("nowhere", to: "missing")
    for wantsStatus in [false, true] {
      let asked = Mutex<[[UInt8]]>([])
      var options = WalkOptions()
      (options.wantsStatus, options.followsSymbolicLinks) = (wantsStatus, true)
      options.filter = { entry in
        asked.withLock { $0.append(entry.name) }
        return entry.name != [UInt8(ascii: "b")] && (entry.status != nil) == wantsStatus
      }
      let met = try allMet([directory.path, directory.path("gone")], options)
      #expect(met.map(\.path) == ["a", "c", "nowhere", "gone"].map(directory.path))
      #expect(met.map { $0.failure?.operation } == [nil, nil, .stat, .open])
      #expect(asked.withLock { $0 } == ["a", "b", "c"].map { Array($0.utf8) })
    }
  }

  /// No batch may be empty.
  @Test(arguments: [false, true]) func walk_with_many_entries_ends_though_none_passes(_ wantsStatus: Bool) throws {
    let directory = try TemporaryDirectory(in: "/dev/shm")
    for number in 1000..<4000 { try directory.makeDirectory("\(number)") }
    try directory.write([], to: "9")
    var options = WalkOptions()
    (options.includes, options.wantsStatus) = (.directories, wantsStatus)
    #expect(try allMet([directory.path], options).count == 3002)
    options.filter = { $0.kind == .regular }
    #expect(try allMet([directory.path], options).map(\.path) == [directory.path("9")])
    options.filter = { _ in false }
    #expect(try allMet([directory.path], options).isEmpty)
  }

  /// In a process of its own, which gives up root's right to read everything.
  @Test func unreadable_directory_is_a_failure_in_place_of_its_entry() async throws {
    await #expect(processExitsWith: .success) {
      if getuid() == 0 { #expect(setuid(65534) == 0) }
      let directory = try TemporaryDirectory()
      for name in ["a", "b", "c"] { try directory.makeDirectory(name) }
      _ = directory.path("b").withCString { chmod($0, 0) }
      let options = including(.directories)
      let met = try allMet([directory.path], options)
      #expect(met.map(\.path) == [directory.path] + ["a", "b", "c"].map(directory.path))
      let denied = FileError(path: directory.path("b"), operation: .list, cause: .system(.permissionDenied))
      #expect(met.map(\.failure) == [nil, nil, denied, nil])
    }
  }

  @Test func an_entry_of_a_list_knows_what_it_was_given() throws {
    let entry = WalkEntry(.success(FileReference(path: "a/b//".utf8, inode: 7)))
    #expect(Met(entry) == Met(entry) && entry.kind == .unknown && entry.depth == 0 && entry.status == nil)
    #expect(entry.name == [UInt8(ascii: "b")] && entry.inode == 7)
    let failed = WalkEntry(.failure(FileError(path: Array("/".utf8), operation: .list, cause: .notRegular)))
    #expect(failed.name == [UInt8(ascii: "/")] && failed.inode == 0 && failed.pathCount == 1)
    #expect(WalkEntry(.success(FileReference(path: []))).name.isEmpty)
  }

  @Test func an_entry_takes_little_memory() {
    #expect(MemoryLayout<WalkEntry>.stride <= 80)
  }
}

private func including(_ kinds: WalkOptions.Kinds) -> WalkOptions {
  var options = WalkOptions()
  options.includes = kinds
  return options
}
