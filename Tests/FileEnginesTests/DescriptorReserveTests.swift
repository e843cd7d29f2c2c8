import FileTestSupport
import Glibc
import SystemPackage
import TestTurns
import Testing

@testable import FileEngines

/// In processes of their own, with a limit that is soon reached.
@Suite(.inTurn, .timeLimit(.minutes(5)))
struct DescriptorReserveTests {
  /// libdispatch needs one now and then, and traps if there is none. Descriptors with the highest numbers, as a process may
  /// inherit them, are none of the reserve.
  @Test(arguments: EngineUnderTest.allCases, [64, 256])
  func files_that_stay_open_leave_the_last_descriptors(_ kind: EngineUnderTest, _ limit: Int) async throws {
    try await withEngine(kind) { _ in }
    await #expect(processExitsWith: .success) { [kind = kind as EngineUnderTest, limit = limit as Int] in
      for inherited in limit - 3..<limit { dup2(STDIN_FILENO, Int32(inherited)) }
      try lowerDescriptorLimit(to: limit)
      let directory = try TemporaryDirectory()
      let path = try directory.write([1], to: "file")
      try await withEngine(kind) { engine in
        var files: [OpenFile] = []
        let error = try await failure {
          while true { files.append(try await engine.open(FileReference(path: path))) }
        }
        #expect(error == FileError(path: path, operation: .open, cause: .system(.tooManyOpenFiles)))
        #expect(files.count > DescriptorLimit.soft / 3 && DescriptorLimit.free == DescriptorReserve.count)
        for file in files { await engine.close(file) }
        // There are some again.
        let bytes = try await engine.contents(path)
        #expect(bytes == [1])
      }
      #expect(directory.openDescriptors == 0)
    }
  }

  /// The openers of the engine of rings open by the batch, and must not keep what they have from being read and closed while
  /// they wait for a descriptor for the next.
  @Test func batches_are_opened_where_fewer_files_can_be_open() async throws {
    try await withEngine(.uring) { _ in }
    await #expect(processExitsWith: .success) {
      try lowerDescriptorLimit(to: 64)
      let directory = try TemporaryDirectory()
      for number in 0..<200 { try directory.write([UInt8(number)], to: "\(number)") }
      try await withEngine(.uring) { engine in
        // Others take all there is, and give some back when every file has been asked for.
        var taken: [Int32] = []
        while DescriptorLimit.free > DescriptorReserve.count { taken.append(dup(0)) }
        let lanes = engine.lanes.map(\.executor)
        let reading = (0..<200).map { number in
          Task(executorPreference: lanes[number % lanes.count]) {
            try await engine.contents(directory.path("\(number)")) == [UInt8(number)]
          }
        }
        for lane in lanes { await Task(executorPreference: lane) {}.value }
        for descriptor in taken.suffix(DescriptorLimit.least) { close(descriptor) }
        for task in reading {
          let isWhole = try await task.value
          #expect(isWhole)
        }
      }
    }
  }
}
