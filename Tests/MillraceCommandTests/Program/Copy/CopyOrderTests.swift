import FileTestSupport
import TestTurns
import Testing

/// The order of a copy's system calls: the next run, which compares sizes and times, must find what is written to a
/// source meanwhile. So a copy gets the attributes that its source had before the first byte was read.
@Suite(.inTurn, .needsStrace) struct CopyOrderTests {
  private static let asking = ["newfstatat(", "statx(", "flistxattr("]
  private static let reading = ["pread64(", "preadv2(", "read(", "copy_file_range(", "sendfile("]

  @Test(arguments: ["uring", "threads"], [5_000, 500_000])
  func attributes_are_read_before_the_bytes(engine: String, size: Int) async throws {
    try requireEngine(engine)
    let directory = try TemporaryDirectory()
    _ = try await directory.shell("mkdir a && head -c \(size) /dev/urandom > a/f")
    let traced = try await Millrace.shell(
      "strace -f -y -o log -e trace=file,desc $MILLRACE copy --engine \(engine) a/ t", in: directory)
    #expect(traced.status == 0)
    // The line numbers of the calls that take the open file.
    let calls = try await directory.shell("cat log").outputText.split(separator: "\n").enumerated()
      .filter { $0.element.contains("/a/f>") }
    func lines(_ names: [String]) -> [Int] {
      calls.filter { call in names.contains { call.element.contains(" \($0)") } }.map(\.offset)
    }
    let (asked, read) = (lines(Self.asking), lines(Self.reading))
    let (last, first) = (try #require(asked.max()), try #require(read.min()))
    #expect(last < first, "\(calls.map(\.element).joined(separator: "\n"))")
  }
}
