import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// In processes of their own, with a limit that is soon reached.
@Suite(.inTurn)
struct DirectoryDescriptorsTests {
  @Test func directories_beyond_the_budget_are_opened_again_and_no_more_are_kept() async throws {
    await #expect(processExitsWith: .success) {
      try await lowerDescriptorLimit(to: 64)
      let directory = try TemporaryDirectory(.disk)
      try directory.write("water".utf8, to: "file")
      #expect(DirectoryDescriptors.limit == 16)
      for kind in EngineUnderTest.available {
        try await withEngine(kind) { engine in
          for _ in 0..<3 {
            var references: [DirectoryReference] = []
            for _ in 0..<40 {
              references.append(try directory.reference(names: ["file"]))
            }
            #expect(directory.openDescriptors == 16)
            for reference in references {
              let file = FileReference(in: reference, start: 0, count: 4, inode: 1, listedKind: .regular)
              let read = try await engine.contents(file).bytes
              #expect(read == Array("water".utf8), "\(kind)")
            }
            references = []
            #expect(directory.openDescriptors == 0, "\(kind)")
          }
        }
      }
    }
  }

  @Test func file_keeps_its_directory_open() throws {
    let directory = try TemporaryDirectory(.disk)
    var file: FileReference?
    do {
      let reference = try directory.reference(names: ["file"])
      file = FileReference(in: reference, start: 0, count: 4, inode: 1, listedKind: .regular)
    }
    #expect(file?.path == directory.path("file"))
    #expect(directory.openDescriptors == 1)
    file = nil
    #expect(directory.openDescriptors == 0)
  }
}
