import TestTurns
import Testing

@testable import MillraceCommand

@Suite struct FileSystemRoomTests {
  @Test(arguments: [
    // Trees of 100 bytes and 10 files each.
    (FileSystemRoom(bytes: 300, files: 30), 3, true), (FileSystemRoom(bytes: 299, files: 30), 3, false),
    (FileSystemRoom(bytes: 300, files: 29), 3, false), (FileSystemRoom(bytes: 300, files: nil), 3, true),
    (FileSystemRoom(bytes: 0, files: 0), 0, true), (FileSystemRoom(bytes: 300, files: 30), .max, false),
  ])
  func room_for_trees_like_the_first(after: FileSystemRoom, trees: Int, suffices: Bool) {
    let before = FileSystemRoom(bytes: after.bytes + 100, files: after.files.map { $0 + 10 })
    #expect(after.suffices(for: trees, before: before) == suffices)
  }

  /// Something else has removed files meanwhile.
  @Test func more_room_than_before_is_enough() {
    #expect(FileSystemRoom(bytes: 9, files: 9).suffices(for: 5, before: FileSystemRoom(bytes: 1, files: 1)))
  }
}

@Suite(.inTurn) struct TooLittleRoomTests {
  @Test(.needsMissingProc) func the_first_tree_tells_that_the_others_have_no_room() async throws {
    let directory = try TemporaryDirectory()
    let outcome = try await Millrace.shell(
      """
      mkdir src out && head -c 1000000 /dev/zero > src/f && unshare --mount sh -c '
        mount -t tmpfs -o size=3m none out &&
        $MILLRACE compare src --job copy --into out --runs 5 --engines threads; echo $?; ls -A out'
      """, in: directory)
    #expect(outcome.outputText == "2\n")
    #expect(outcome.errorLines.count == 1)
    #expect(outcome.errorText.hasPrefix("millrace: out: no room for 5 more trees like the first: "))
  }
}
