import FilePipeline
import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@Suite(.inTurn, .timeLimit(.minutes(5)))
struct ManyFilesTests {
  /// Parses the contents of a file as a number.
  private struct Number: ByteReducer {
    private var value = 0

    mutating func update(_ bytes: RawSpan) {
      bytes.withUnsafeBytes { for byte in $0 { value = 10 * value + Int(byte) - 48 } }
    }

    mutating func finish() -> Int { value }
  }

  /// In a process of its own, with 64 descriptors, of which 16 may be directories that are kept open; on a tmpfs, where
  /// the files are made in a second or two. In a full run there are a hundred thousand.
  @Test(arguments: [TestExpectation.isFull ? 2000 : 200])
  func files_of_many_more_directories_than_there_are_descriptors(directories: Int) async throws {
    await #expect(processExitsWith: .success) { [directories = directories as Int] in
      let filesInEach = 50
      let directory = try TemporaryDirectory(in: "/dev/shm")
      for number in 0..<directories * filesInEach {
        if number % filesInEach == 0 { try directory.makeDirectory("\(number / filesInEach)") }
        try directory.write("\(number)".utf8, to: "\(number / filesInEach)/\(number)")
      }
      try await lowerDescriptorLimit(to: 64)
      for kind in EngineUnderTest.available {
        try await withEngine(kind, FileEngineConfiguration()) { engine in
          let results =
            try await FilePipeline.files(under: FilePath(directory.string), engine: .engine(engine)).reduce { Number() }
            .collect()
          let failure = results.lazy.compactMap { result -> FileError? in
            if case .failure(let error) = result.outcome { error } else { nil }
          }.first
          #expect(failure == nil, "\(kind)")
          let sum = try results.reduce(0) { try $0 + $1.value }
          let count = directories * filesInEach
          #expect(sum == count * (count - 1) / 2, "\(kind)")
        }
      }
    }
  }
}
