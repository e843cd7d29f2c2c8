import FileStages
import Testing

@testable import MillraceCommand

@Suite struct ManifestLinesTests {
  private func read(
    _ manifests: [String], algorithm: DigestAlgorithm? = nil, missing: [String] = []
  ) throws -> (batches: [[String]], tally: CheckCounts) {
    let directory = try TemporaryDirectory()
    let paths = try manifests.enumerated().map { index, text in
      try directory.write(bytes(text), to: bytes("m\(index)"))
      return bytes("\(directory.path)/m\(index)")
    }
    let tally = CheckTally(CheckCounts())
    let lines = ManifestLines(missing.map(bytes) + paths, algorithm, tally, LongPathBudget())
    var batches: [[String]] = []
    while let batch = try lines.nextBatch() { batches.append(batch.map { String(decoding: $0.name, as: UTF8.self) }) }
    return (batches, tally.counts)
  }

  @Test func manifests_follow_one_another() throws {
    let (batches, tally) = try read(["\(abcDigits)  a\n\(abcDigits)  b", "\(abcDigits) c\n"])
    #expect(batches.flatMap { $0 } == ["a", "b", "c"])
    #expect(tally.malformed == 0)
    #expect(tally.emptyManifests == 0)
  }

  @Test func a_manifest_that_cannot_be_read_does_not_keep_the_others() throws {
    // Missing, and a directory, which opens and cannot be read.
    let (batches, tally) = try read(["\(abcDigits)  a\n"], missing: ["/dev/null/gone", "/"])
    #expect(batches == [["a"]])
    #expect(tally.unreadableManifests == 2)
    #expect(tally.emptyManifests == 0)
  }

  @Test func batches_are_bounded() throws {
    let manifest = (0..<600).map { "\(abcDigits)  \($0)\n" }.joined()
    #expect(try read([manifest]).batches.map(\.count) == [256, 256, 88])
  }

  @Test func what_is_no_checksum_line_is_counted() throws {
    let long = String(repeating: "x", count: RecordReader.defaultLengthLimit + 1)
    let (batches, tally) = try read(["rubbish\n\(abcDigits)  a\n\(long)\n# comment\n\nabcdabcdabcd  b\n", "# none\n"])
    #expect(batches == [["a"]])
    #expect(tally.malformed == 3)
    #expect(tally.emptyManifests == 1)
  }

  @Test func a_tag_and_its_digits_agree() throws {
    let (batches, tally) = try read(["SHA256 (a) = \(abcDigits)\nMD5 (b) = \(abcDigits)\nSHA9 (c) = \(abcDigits)\n"])
    #expect(batches == [["a"]])
    #expect(tally.malformed == 2)
  }

  @Test func an_algorithm_asked_for_excludes_others() throws {
    let (batches, tally) = try read(["\(abcDigits)  a\n"], algorithm: .md5)
    #expect(batches == [])
    #expect(tally.malformed == 1)
  }
}
