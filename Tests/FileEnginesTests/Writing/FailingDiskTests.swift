import FileEngines
import FileTestSupport
import SystemPackage
import TestTurns
import Testing

/// A disk that fails when the bytes are to reach it, which only synchronizing tells: real failures behind a write that
/// has succeeded, by every way of writing.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct FailingDiskTests {
  @Test(arguments: TreeCase.onLane, [Durability.batch, .file])
  func file_that_did_not_reach_the_disk_gets_no_name(_ now: TreeCase, _ durability: Durability) async throws {
    let disk = try await MountedFileSystem.onFailingDisk()
    defer { disk.end() }
    let directory = try TemporaryDirectory(in: disk.path)
    try directory.write([1, 2, 3], to: "old")
    try await now.run(in: directory) { engine, tree in
      let options = FileWriteOptions(durability: durability)
      var (written, failed) = ([String](), [String]())
      for number in 0..<40 where failed.isEmpty {
        do {
          try await engine.write("\(number)", in: tree.root, .noise(60_000), options)
          written.append("\(number)")
        } catch let error as FileError {
          expect(error, of: directory.path("\(number)"))
          failed.append("\(number)")
        }
      }
      #expect(!written.isEmpty && !failed.isEmpty)
      // Nor is one replaced.
      let replacing = try await failure { try await engine.write("old", in: tree.root, .noise(60_000), options) }
      expect(replacing, of: directory.path("old"))
      #expect(try directory.bytes("old") == [1, 2, 3])
      #expect(Set(directory.listing) == Set(written + ["old"]))
    }
    #expect(directory.openDescriptors == 0)
  }

  /// The kernel tells a block device that is full from one that is broken.
  private func expect(_ error: FileError, of path: [UInt8]) {
    #expect(error.path == path && error.operation == .sync, "\(error)")
    #expect(error.cause == .system(.noSpace) || error.cause == .system(.ioError), "\(error)")
  }
}
