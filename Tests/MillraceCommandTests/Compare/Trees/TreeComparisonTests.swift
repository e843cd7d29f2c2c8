import FilePipeline
import Glibc
import TestTurns
import Testing

@testable import MillraceCommand

/// Two equal trees, and a change to one of them.
@Suite(.inTurn) struct TreeComparisonTests {
  private let directory: TemporaryDirectory

  init() async throws {
    directory = try TemporaryDirectory()
    let made = try await directory.shell(
      """
      mkdir -p a/d/e a/empty && printf 12345678 > a/d/file && ln a/d/file a/d/second && ln -s to a/link && mkfifo a/fifo
      printf 12345678 > a/d- && truncate -s 300000 a/large && touch -d 2002-03-04 a/d- a/d/file && cp -a a b
      """)
    try #require(made.status == 0)
  }

  private func difference(
    _ attributes: ComparedAttributes = .all, passing: Set<[UInt8]>? = nil
  ) async throws -> (path: String, aspect: TreeDifference.Aspect)? {
    let roots = ["a", "b"].map { [bytes("\(directory.path)/\($0)")] }
    let found = try await withFileEngine(.threads) { engine in
      try await TreeComparison.difference(
        of: roots[1], from: roots[0], attributes: attributes, passing: passing, engine
      ).map { Found(path: String(decoding: $0.pair.pathBelowRoot, as: UTF8.self), aspect: $0.aspect) }
    }
    return found.map { ($0.path, $0.aspect) }
  }

  private struct Found: Sendable {
    let path: String
    let aspect: TreeDifference.Aspect
  }

  @Test func trees_that_are_the_same() async throws {
    #expect(try await difference() == nil)
  }

  @Test(arguments: [
    ("rm b/link", "link", TreeDifference.Aspect.missing), ("rm -r b/d/e", "d/e", .missing),
    ("echo x > b/d/z", "d/z", .extra), ("mkdir b/empty/x", "empty/x", .extra), ("rm -r b", "", .missing),
    ("rm b/fifo; echo x > b/fifo", "fifo", .kind), ("chmod 4755 b/d-", "d-", .permissions),
    ("chmod 700 b/d/e", "d/e", .permissions), ("touch -d 2001-02-03 b/d-", "d-", .time),
    ("touch -hd 2001-02-03 b/link", "link", .time), ("touch -d 2001-02-03 b/empty", "empty", .time),
    ("touch -d 2001-02-03 b", "", .time), ("rm b/link; ln -s x b/link; touch -hr a/link b/link", "link", .linkTarget),
    ("printf 12345679 > b/d/file; touch -r a/d/file b/d/file", "d/file", .contents(offset: 7)),
    (
      "printf x | dd of=b/large bs=1 seek=200000 conv=notrunc; touch -r a/large b/large", "large",
      .contents(offset: 200_000)
    ),
    ("truncate -s 299999 b/large; touch -r a/large b/large", "large", .size),
    ("cp -p b/d/second b/x; mv b/x b/d/second; touch -r a/d b/d", "d/second", .hardLinks),
    ("ln -f b/d/file b/d-", "d/file", .hardLinks),
  ])
  func each_difference_is_found(change: String, path: String, aspect: TreeDifference.Aspect) async throws {
    let changed = try await directory.shell(
      """
      \(change); for f in d empty .; do
        test ! -e b/$f || test $f = '\(path.isEmpty ? "." : path)' || touch -r a/$f b/$f
      done
      """)
    try #require(changed.status == 0)
    let found = try #require(try await difference())
    #expect(found.path == path)
    #expect(found.aspect == aspect)
  }

  @Test(.enabled("only root gives files away") { geteuid() == 0 }) func owners() async throws {
    _ = try await directory.shell("chown -h 12345 b/link")
    #expect(try await difference()?.aspect == .owner)
    #expect(try await difference(.all.subtracting(.owners)) == nil)
  }

  @Test func extended_attributes() async throws {
    let source = try await directory.shell("setfattr -n user.x -v 1 a/d- && cp -a --no-preserve=xattr a/d- b/d-")
    if source.status != 0 { try Test.cancel("there are no extended attributes here") }
    #expect(try await difference()?.aspect == .extendedAttributes)
    #expect(try await difference(.all.subtracting(.allExtended)) == nil)
    _ = try await directory.shell("setfattr -n user.x -v 2 b/d-")
    #expect(try await difference(.all.subtracting(.allExtended))?.aspect == .extendedAttributes)
  }

  @Test func what_is_not_asked_for_may_differ() async throws {
    _ = try await directory.shell(
      "touch -d 2001-02-03 b b/d-; cp -p b/d/second b/x; mv b/x b/d/second; chmod 4644 b/d-")
    #expect(try await difference([]) == nil)
  }

  @Test func what_could_not_be_copied_is_passed_by_in_both() async throws {
    _ = try await directory.shell("rm b/link; touch -r a b")
    #expect(try await difference(passing: [bytes("\(directory.path)/a/link")]) == nil)
    #expect(try await difference(passing: [])?.path == "link")
    _ = try await directory.shell("cp -a a/link b; touch -d 2001-02-03 b/empty; touch -r a b")
    #expect(try await difference(passing: [bytes("\(directory.path)/a/empty")]) == nil)
  }

  @Test func a_message_names_both_trees() {
    let (blocking, uring) = (ComparedRun(engine: .blocking, round: 1), ComparedRun(engine: .uring, round: 2))
    let difference = TreeDifference(path: bytes("a"), aspect: .time, tree: uring, reference: blocking)
    #expect(
      difference.message
        == "the tree of run 2 of uring differs from that of run 1 of blocking: time of the last change")
    let source = TreeDifference(path: bytes("a"), aspect: .contents(offset: 3), tree: blocking, reference: nil)
    #expect(source.message == "the tree of run 1 of blocking differs from the source: contents, from byte 3 on")
  }
}
