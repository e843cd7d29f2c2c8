import FileTestSupport
import SystemPackage
import Testing

@testable import FileEngines

/// Files that reach the disk together.
@Suite struct SyncGroupTests {
  /// Commits whose first synchronization waits, and whose later ones fail.
  private final class Commits: SyncGroup.Steps {
    let synchronized = Counter()
    let published = Counter()
    let isDone = Gate()

    func synchronize(_ files: [GroupedFile]) async -> FileError.Cause? {
      synchronized.add()
      if synchronized.value > 1 { return .system(.ioError) }
      await isDone.wait()
      return nil
    }

    func publish(_ files: [GroupedFile], after failure: FileError.Cause?) async {
      published.add()
      GroupedFile.publish(files, after: failure) { file throws(FileError) in
        throw FileError(file.reference, .sync, .system(.ioError))
      }
    }
  }

  private let directory: TemporaryDirectory
  private let tree: TargetTree
  private let group = SyncGroup()
  private let commits = Commits()

  init() throws {
    directory = try TemporaryDirectory(.disk)
    tree = try TargetTree(FileReference(path: directory.path), creating: nil)
  }

  private func file(_ name: String) throws -> GroupedFile {
    GroupedFile(
      try TemporaryFile.make(named: Array(name.utf8), in: tree.root, FileWriteOptions(durability: .batch)))
  }

  @Test func those_that_come_meanwhile_share_the_next_commit() async throws {
    let first = try file("first")
    #expect(!group.add(first))
    async let firstIsThere: Void = group.wait(for: first, commits)
    while commits.synchronized.value == 0 { await Task.yield() }
    let others = try (0..<100).map { try file("\($0)") }
    await withTaskGroup(of: Void.self) { tasks in
      for file in others {
        #expect(!group.add(file))
        tasks.addTask { await group.wait(for: file, commits) }
      }
      while group.waitingCount < 100 { await Task.yield() }
      commits.isDone.open()
    }
    await firstIsThere
    #expect(commits.synchronized.value == 2 && commits.published.value == 2)
    #expect(first.isSettled && first.failure == nil)
    #expect(others.allSatisfy { $0.failure?.cause == .system(.ioError) })
    // Nothing is left to be committed, and to wait takes no commit.
    await group.wait(for: first, commits)
    #expect(commits.synchronized.value == 2 && group.waitingCount == 0 && directory.listing == ["first"])
  }

  @Test func a_file_of_a_commit_is_waited_for_and_not_committed_again() async throws {
    let (one, two) = (try file("one"), try file("two"))
    for file in [one, two] { #expect(!group.add(file)) }
    async let oneIsThere: Void = group.wait(for: one, commits)
    while commits.synchronized.value == 0 { await Task.yield() }
    async let twoIsThere: Void = group.wait(for: two, commits)
    while group.waitingCount < 1 { await Task.yield() }
    commits.isDone.open()
    _ = await (oneIsThere, twoIsThere)
    #expect(commits.synchronized.value == 1 && Set(directory.listing) == ["one", "two"])
  }

  @Test func the_file_that_makes_a_group_large_is_to_be_waited_for() async throws {
    // One object for all: what it holds does not matter here.
    let file = try file("file")
    for _ in 0..<SyncGroup.worthwhile - 1 { #expect(!group.add(file)) }
    #expect(group.add(file))
    async let isThere: Void = group.wait(for: file, commits)
    while commits.synchronized.value == 0 { await Task.yield() }
    // While others are synchronized, more may wait.
    let next = try self.file("next")
    for _ in 0..<SyncGroup.most - 1 { #expect(!group.add(next)) }
    #expect(group.add(next))
    commits.isDone.open()
    await isThere
    #expect(file.isSettled && !next.isSettled)
  }
}
