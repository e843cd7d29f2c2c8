import FilePipeline
import FileTestSupport
import Glibc
import TestTurns
import Testing

@testable import MillraceCommand

@Suite(.inTurn) struct TreeRemovalTests {
  private let directory: MillraceCommandTests.TemporaryDirectory

  init() async throws {
    directory = try MillraceCommandTests.TemporaryDirectory()
    let made = try await directory.shell("mkdir outside && echo precious > outside/file")
    try #require(made.status == 0)
  }

  private func remove(_ name: String) throws -> TreeRemoval.Failure? {
    let opened = try FileDescriptor.open(FilePath(directory.path), .readOnly, options: .directory)
    defer { try? opened.close() }
    do throws(TreeRemoval.Failure) {
      try TreeRemoval.remove(bytes(name), in: opened)
      return nil
    } catch {
      return error
    }
  }

  private func remaining() async throws -> String { try await directory.shell("find . | sort").outputText }
  private let untouched = ".\n./outside\n./outside/file\n"

  @Test func everything_in_a_tree_goes_and_nothing_else() async throws {
    let tree = try SampleTree.make()
    let made = try await directory.shell(
      """
      cp -a \(tree.path) tree && cd tree && mkfifo fifo && mkdir -p x/y/z x/locked && echo x > x/locked/f &&
      ln -s ../outside link && ln -s ../../outside/file x/link && ln ../outside/file hard && ln -s / root &&
      chmod 0 x/locked x/y && chmod 500 x
      """)
    try #require(made.status == 0)
    #expect(try remove("tree") == nil)
    #expect(try await remaining() == untouched)
    #expect(try directory.read("outside/file") == bytes("precious\n"))
  }

  @Test func depth_costs_no_descriptors() async throws {
    _ = try await directory.shell("perl -e 'for (1..3000) { mkdir \"deep\" or die; chdir \"deep\" or die }'")
    #expect(try remove("deep") == nil)
    #expect(try await remaining() == untouched)
  }

  @Test func a_link_in_the_place_of_the_tree_is_not_followed() async throws {
    _ = try await directory.shell("ln -s outside tree")
    #expect(try remove("tree")?.path == bytes("tree"))
    #expect(try directory.read("outside/file") == bytes("precious\n"))
  }

  @Test func what_is_not_there_is_a_failure() throws {
    #expect(try remove("tree") == TreeRemoval.Failure(path: bytes("tree"), errno: .noSuchFileOrDirectory))
  }

  /// In a separate mount namespace, so that a test that is killed leaves no mount behind.
  @Test(.needsMissingProc) func another_file_system_stays() async throws {
    let outcome = try await Millrace.shell(
      """
      mkdir src && echo x > src/f && mkdir out && unshare --mount sh -c '
        mkdir src/mounted && mount -t tmpfs none src/mounted && echo y > src/mounted/f &&
        $MILLRACE compare src --job copy --into out --runs 1 --engines threads && cat src/mounted/f; ls -A out'
      """, in: directory)
    #expect(outcome.outputText.hasSuffix("\ny\n"))
    #expect(outcome.status == 0)
  }
}
