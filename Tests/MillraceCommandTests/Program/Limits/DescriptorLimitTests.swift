import Foundation
import Glibc
import TestTurns
import Testing

/// The program where it may open few files at once (`ulimit -n`).
@Suite(.inTurn) struct DescriptorLimitTests {
  /// 100,000 with MILLRACE_TEST_MANY_FILES=1 in the environment, which takes some ten seconds to make.
  private static let fileCount =
    ProcessInfo.processInfo.environment["MILLRACE_TEST_MANY_FILES"] == "1" ? 100_000 : 20_000

  /// Fifty in each directory, so that there are many times more directories than may be open.
  @Test func many_files_with_64_descriptors() async throws {
    let directory = try TemporaryDirectory()
    for number in 0..<Self.fileCount {
      if number % 50 == 0 { try directory.makeDirectory(bytes("d\(number / 50)")) }
      try directory.write([], to: bytes("d\(number / 50)/\(number)"))
    }
    for engine in everyEngine where engine != "uring" || whyNoRing == nil {
      let outcome = try await Millrace.shell("ulimit -n 64; $MILLRACE read --json --engine \(engine) .", in: directory)
      let summary = try #require(try jsonObjects(outcome.output).last)
      #expect(summary["files"] as? Int == Self.fileCount)
      #expect(summary["failed"] as? Int == 0)
      #expect(outcome.errorText == "")
      #expect(outcome.status == 0)
    }
  }

  /// Including the descriptors that the child inherits from the test process.
  @Test(arguments: everyEngine)
  func nested_directories_with_32_descriptors(engine: String) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    var path = "."
    for _ in 0..<100 {
      path += "/d"
      try directory.makeDirectory(bytes(path))
      try directory.write(bytes("abc"), to: bytes(path + "/file"))
    }
    let outcome = try await Millrace.shell("ulimit -n 32; $MILLRACE hash --engine \(engine) .", in: directory)
    let isWhole = outcome.outputLines.count == 100 && outcome.outputText.contains("\(abcDigits)  \(path)/file\n")
    #expect(isWhole)
    #expect(outcome.errorText == "")
    #expect(outcome.status == 0)
  }
}
