import FileEngines
import FileTestSupport
import Glibc
import TestTurns
import Testing

@testable import FilePipeline

@Suite(.inTurn, .timeLimit(.minutes(1)))
struct HardLinksTests {
  /// The second of three names of a file is claimed twice: the third is a link to the copy all the same.
  @Test func a_name_that_is_tried_again_is_counted_once() async throws {
    let directory = try TemporaryDirectory()
    let tree = try TargetTree(FileReference(path: directory.path), creating: nil)
    let file = try FileReference(path: directory.path).identity()
    let links = HardLinks()
    guard case .first = await links.claim(file, linkCount: 3, isFirst: true) else { throw Unexpected() }
    links.settle(file, as: HardLinks.Copy(directory: tree.root, name: Array("copy".utf8)))
    for isFirst in [true, false, true] {
      guard case .copied = await links.claim(file, linkCount: 3, isFirst: isFirst) else { throw Unexpected() }
    }
    // All names were claimed, and the file was forgotten.
    guard case .first = await links.claim(file, linkCount: 3, isFirst: true) else { throw Unexpected() }
  }

  private struct Unexpected: Error {}
}
